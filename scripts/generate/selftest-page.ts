import { SELFTEST_CASES, type SelftestCase } from "../../lib/cli/selftest/cases.ts";

/** docs/selftest.md: what catches which misbehaviour. */
export function selftestPage(): string {
  const caught = SELFTEST_CASES.filter((one) => one.caught !== null);
  const silent = SELFTEST_CASES.filter((one) => one.caught === null);
  return `# Who catches what

A test that passes says something only if it would have failed. \`nomos-run selftest\` runs a network for each misbehaviour
below, with nodes that misbehave on purpose, and demands that the expectation beside it fails and names who did it; and
networks that are healthy, or whose dose is too small for a claim, in which nothing may fail or stay undecided.

    nomos-run selftest                                     # all of it, in virtual time: some 70 s of one core
    nomos-run selftest equivocate --deployer local         # one case, on real processes
    nomos-run selftest --list                              # the cases
    nomos-run selftest --json                              # one document for programs

The exit code is 0 only if every case came out as it must, 1 otherwise. Each case leaves a run folder that can be looked
into and judged again like any other. The same seed gives the same runs in virtual time; \`--seed\` draws others.

A node misbehaves by its configuration, \`nodeConfigPatch(2, { misbehave: { kind: "equivocate" } })\`, in scenarios of your
own too; [the page on the embedded node](embedded-node.md) has every kind and dose. The other nodes and the runner are told
nothing of it. The networks are four validators and an executor, everyone a peer of everyone.

## What must be caught

| case | what is wrong | caught by |
| --- | --- | --- |
${caught.map(row).join("\n")}

One node that keeps its blocks to itself slows the chain too little for liveness to tell in minutes, but its share of
the blocks is missing. Of two blocks that a leader signs for one slot only one becomes canonical; the feed hears of the
other because it asks nodes for every branch that they know, not only for their tip. A node kind that can't tell its
branches shows an equivocation only where both blocks were some node's tip when it was looked at. What each expectation holds
against whom, and with what allowance, is in [expectations](expectations.md) and [judgement](judgement.md).

## What must raise nothing

| case | the network |
| --- | --- |
${silent.map(({ name, what }) => `| \`${name}\` | ${what} |`).join("\n")}
`;
}

function row({ name, what, caught }: SelftestCase): string {
  return `| \`${name}\` | ${what} | \`${caught?.expectation}\` |`;
}
