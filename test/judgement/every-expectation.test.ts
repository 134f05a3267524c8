import assert from "node:assert/strict";
import test from "node:test";
import { BUILT_IN_EXPECTATIONS } from "../../lib/expectations/built-in.ts";
import type { Judgement, Outcome } from "../../lib/model/verdict.ts";
import { EXPECTATION_OPTIONS, type ExpectationName } from "../../lib/plan/options.ts";
import { withOtherLimits } from "../../lib/plan/recheck-sets.ts";
import { recheck } from "../../lib/run/recheck.ts";
import { judge } from "../../lib/run/stages/judge.ts";
import { registryOf } from "../simulation/simulate.ts";
import type { Recorded } from "./recorded-runs.ts";
import * as runs from "./recorded-runs.ts";

type Run = () => Promise<Recorded>;

/** A judgement that the expectation is to come to on a recorded run. */
interface Shown {
  readonly run: Run;
  /** Options other than the run's own. */
  readonly options?: Readonly<Record<string, unknown>> | ((run: Recorded) => Readonly<Record<string, unknown>>);
  /** What the summary or a finding must say. Its groups must be names and ids that are in the run. */
  readonly says: RegExp;
}

/** What every expectation must be shown to do. A text instead says why it can't. */
interface Row {
  readonly passes: Shown;
  readonly fails: Shown | string;
  readonly inconclusive: Shown;
  /** `recheck --set expectations.<name>.<option>=<value>` of the run that passes, by a stricter limit. */
  readonly tighter: { readonly set: string; readonly value: string; readonly to: Outcome } | "it has no limit";
}

const PROBES = "it is inconclusive where it is not reached: chance decides whether it is";

const ROWS: Readonly<Record<string, Row>> = {
  agreement: {
    passes: { run: runs.healthy, says: /5 nodes agree on every final block/ },
    fails: { run: runs.divided, says: /block ([0-9a-f]{64}) .* is final at height \d+ for (validator-\d)/ },
    inconclusive: { run: runs.stalledEarly, says: /0 nodes finalised anything that was seen/ },
    tighter: "it has no limit",
  },
  conservation: {
    passes: { run: runs.healthy, says: /balances/ },
    fails: { run: runs.spentTwice, says: /transaction ([0-9a-f]{64}) in block ([0-9a-f]{64})/ },
    inconclusive: { run: runs.quiet, says: /no balance/ },
    tighter: "it has no limit",
  },
  convergence: {
    passes: { run: runs.healthy, says: /all nodes shared a chain again/ },
    fails: { run: runs.notRecovered, says: /(validator-3)/ },
    inconclusive: { run: runs.cutShort, says: /nothing to judge/ },
    tighter: { set: "withinMs", value: "0.001", to: "failed" },
  },
  "data-availability": {
    passes: { run: runs.corrupt, says: /blobs/ },
    fails: {
      run: runs.corrupt,
      options: { maxBadSharesPercent: 0 },
      says: /(validator-\d): corrupt, \d+ of its shares, first ([0-9a-f]{64}) share \d/,
    },
    inconclusive: { run: runs.quiet, says: /no channel was opened/ },
    tighter: { set: "maxBadSharesPercent", value: "0", to: "failed" },
  },
  divergence: {
    passes: { run: runs.divided, says: /block ([0-9a-f]{64}) is final at height \d+ for (validator-\d)/ },
    fails: PROBES,
    inconclusive: { run: runs.hardlyDivided, says: /./ },
    tighter: "it has no limit",
  },
  "fair-share": {
    passes: { run: runs.partlyWithheld, says: /by 4 leaders, each within what its stake gives it/ },
    fails: { run: runs.withheld, says: /(validator-3) led 0 blocks/ },
    inconclusive: { run: runs.quiet, says: /too short to tell whether (validator-0)/ },
    tighter: { set: "falseAlarm", value: "0.99", to: "failed" },
  },
  "fault-recovery": {
    passes: { run: runs.healthy, says: /healed/ },
    fails: { run: runs.notRecovered, says: /pause of (validator-3)\) unhealed/ },
    inconclusive: { run: runs.quiet, says: /no fault was started/ },
    tighter: "it has no limit",
  },
  liveness: {
    passes: { run: runs.healthy, says: /blocks in \d+ slots/ },
    fails: { run: runs.stalled, says: /no block in slots \d+ to \d+/ },
    inconclusive: { run: runs.quiet, says: /too short to tell/ },
    tighter: { set: "falseAlarm", value: "0.999999", to: "failed" },
  },
  logs: {
    passes: { run: runs.healthy, says: /all kept/ },
    fails: {
      run: runs.healthy,
      options: { rules: [{ pattern: "panic", flags: "", must: true, nodes: ["validator-2"] }] },
      says: /the log of (validator-2) never has/,
    },
    inconclusive: {
      run: runs.quiet,
      options: { rules: [{ pattern: "panic", flags: "", must: false, nodes: null }] },
      says: /no log was searched/,
    },
    tighter: { set: "rules.0.must", value: "true", to: "failed" },
  },
  "no-contradiction": {
    passes: { run: runs.healthy, says: /without a contradiction/ },
    fails: {
      run: runs.equivocated,
      says: /(validator-2) signed 2 blocks for slot \d+: ([0-9a-f]{64}) at height \d+.*; ([0-9a-f]{64}) at height/,
    },
    inconclusive: { run: runs.cutShort, says: /no node showed its chain/ },
    tighter: "it has no limit",
  },
  "no-unexpected-exit": {
    passes: { run: runs.healthy, says: /every one of them ours/ },
    fails: { run: runs.dead, says: /(validator-3), start 1, ended at 40s: SIGSEGV/ },
    inconclusive: { run: runs.cutShort, says: /./ },
    tighter: "it has no limit",
  },
  resources: {
    passes: { run: runs.measured, says: /(validator-\d) used [\d.]+ MiB resident/ },
    fails: {
      run: runs.measured,
      // Just below what the larger of the two held.
      options: ({ events }) => ({
        maxResidentMiB: mostResidentMiB(events) - 0.01,
        maxCpuPercent: null,
        maxPrivateMiB: null,
      }),
      says: /^(validator-\d) used [\d.]+ MiB resident, at most [\d.]+ allowed$/,
    },
    inconclusive: { run: runs.healthy, says: /the backend shows nothing of what nodes use/ },
    tighter: { set: "maxResidentMiB", value: "1", to: "failed" },
  },
  sometimes: {
    passes: { run: runs.healthy, says: /waiting: / },
    fails: PROBES,
    inconclusive: {
      run: runs.healthy,
      options: { states: [{ name: "crowd", state: "mempool", least: 10_000 }] },
      says: /crowd: never 10000 or more transactions waiting/,
    },
    tighter: { set: "states.0.least", value: "10000", to: "inconclusive" },
  },
  thresholds: {
    passes: { run: runs.healthy, says: /agreement\.highestFinal > 20: it was \d+/ },
    fails: {
      run: runs.healthy,
      options: { limits: [{ subject: "max(consensus_tip_height)", op: "<", limit: 10 }] },
      says: /max\(consensus_tip_height\) < 10: it was \d+ on (validator-0), /,
    },
    inconclusive: {
      run: runs.healthy,
      options: { limits: [{ subject: "max(mempool_transactions_pending)", op: "<", limit: 10 }] },
      says: /(validator-0), .* did not show it/,
    },
    tighter: { set: "limits.0.limit", value: "1000000", to: "failed" },
  },
  "transaction-limit": {
    passes: { run: runs.searched, says: /transactions per block/ },
    fails: { run: runs.searched, options: { withinMs: 1 }, says: /at least 3 are wanted/ },
    inconclusive: { run: runs.quiet, says: /the plan searches no limit/ },
    tighter: { set: "withinMs", value: "1", to: "failed" },
  },
  "transaction-inclusion": {
    passes: { run: runs.healthy, says: /100 %/ },
    fails: { run: runs.dropped, says: /([0-9a-f]{64}).*(validator-1)/ },
    inconclusive: { run: runs.quiet, says: /no transaction was sent/ },
    tighter: { set: "p99Ms", value: "1", to: "failed" },
  },
};

function mostResidentMiB(events: Recorded["events"]): number {
  const looks = events.filter((event) => event.type === "node.usage");
  return Math.max(...looks.map(({ residentBytes }) => residentBytes)) / 1024 ** 2;
}

const registry = registryOf([]);

/** The judgement of one kind on the run, by its own options there or by others. */
async function judgement(kind: string, { run, options }: Shown): Promise<{ recorded: Recorded; judged: Judgement }> {
  const recorded = await run();
  const planned = recorded.plan.expectations.find((piece) => piece.kind === kind);
  const changed = typeof options === "function" ? options(recorded) : options;
  const piece = {
    kind,
    name: kind,
    options: { ...planned?.options, ...changed } as Recorded["plan"]["expectations"][number]["options"],
    custom: false,
  };
  const plan = {
    ...recorded.plan,
    expectations: [...recorded.plan.expectations.filter(({ name }) => name !== kind), piece],
  };
  const expectations = plan.expectations.map((one) => ({
    kind: one.kind,
    expectation: registry.expectations.get(one.kind)!.create(one, plan),
  }));
  const nodeKind = registry.nodeKinds.get(plan.nodeKind)!;
  const occupancy = (alive: readonly number[], total: number) => nodeKind.occupancy(plan.consensus, alive, total);
  const all = judge(expectations, { plan, events: recorded.events, occupancy }, { emit: () => undefined });
  return { recorded, judged: all.find((one) => one.kind === kind)! };
}

async function shows(kind: string, outcome: Outcome, shown: Shown): Promise<void> {
  const { recorded, judged } = await judgement(kind, shown);
  const told = [judged.summary, ...judged.findings];
  assert.equal(judged.outcome, outcome, told.join("\n"));
  const found = told.map((text) => shown.says.exec(text)).find((match) => match !== null);
  assert.ok(found, `${shown.says} is not in\n${told.join("\n")}`);
  const text = JSON.stringify(recorded.events);
  for (const name of found.slice(1)) assert.ok(text.includes(`"${name}"`), `${name} is nothing of the run`);
}

test("every expectation that is registered has its row, and no other", () => {
  assert.deepEqual(Object.keys(ROWS).toSorted(), [...BUILT_IN_EXPECTATIONS.keys()].toSorted());
  const silent = Object.entries(ROWS).filter(([, { fails }]) => typeof fails === "string");
  assert.deepEqual(
    silent.map(([kind]) => kind),
    ["divergence", "sometimes"],
    "all others can fail",
  );
  for (const [kind, { tighter }] of Object.entries(ROWS)) {
    const limits = Object.keys(EXPECTATION_OPTIONS[kind as ExpectationName].entries);
    assert.equal(tighter === "it has no limit", limits.length === 0, `${kind} has ${limits.join(", ") || "no option"}`);
  }
});

for (const [kind, { passes, fails, inconclusive, tighter }] of Object.entries(ROWS)) {
  test(`${kind} passes`, () => shows(kind, "passed", passes));
  if (typeof fails !== "string") test(`${kind} fails, and names what did`, () => shows(kind, "failed", fails));
  test(`${kind} is inconclusive where the evidence can't decide`, () => shows(kind, "inconclusive", inconclusive));
  if (tighter !== "it has no limit") {
    test(`a recheck of ${kind} by a tighter limit is ${tighter.to}`, async () => {
      const { plan, events } = await passes.run();
      const path = `expectations.${kind}.${tighter.set}`;
      const sets = [{ path, value: tighter.value, at: `--set ${path}=${tighter.value}` }];
      const again = (changed: typeof plan) =>
        recheck({ plan: changed, events, registry, customs: { workloads: new Map(), expectations: new Map() } });
      const outcomeOf = (checked: ReturnType<typeof again>) => checked.expectations.find((one) => one.kind === kind);
      assert.equal(outcomeOf(again(plan))?.outcome, "passed");
      const checked = again(withOtherLimits(plan, sets));
      assert.equal(outcomeOf(checked)?.outcome, tighter.to, outcomeOf(checked)?.summary);
      assert.ok(["failed", "inconclusive"].includes(checked.verdict));
    });
  }
  test(`the figures of ${kind} that thresholds can be set on are those that it has`, async () => {
    const { recorded, judged } = await judgement(kind, passes);
    const piece = recorded.plan.expectations.find((one) => one.kind === kind);
    if (!piece || kind === "thresholds") return;
    const declared = BUILT_IN_EXPECTATIONS.get(kind)?.figures(piece) ?? [];
    const numbers = Object.entries(judged.figures).filter(([, value]) => typeof value === "number");
    const missing = numbers.map(([name]) => name).filter((name) => !declared.includes(name));
    assert.deepEqual(missing, [], "they can't be limited");
  });
}
