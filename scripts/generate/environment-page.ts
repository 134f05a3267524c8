import { OTHER_VARIABLES } from "../../lib/cli/other-variables.ts";
import { ENVIRONMENT } from "../../lib/plan/environment.ts";
import { ORIGINAL_VARIABLES } from "../../lib/plan/original-variables.ts";

/** `docs/environment.md`. */
export function environmentPage(): string {
  const fates = Map.groupBy(ORIGINAL_VARIABLES, ({ fate, advice }) => `${fate}\n${advice}`);
  return [
    "<!-- Made by scripts/generate.ts from lib/plan/environment.ts, lib/plan/original-variables.ts and lib/cli/other-variables.ts. -->",
    "# Environment variables",
    "",
    "A flag beats the environment, and the environment beats the scenario file. Empty, `false` and, where it is no value of its",
    "own, `0` mean off. `nomos-run env` shows which values are in force and where they come from; what can't be read is refused",
    "before anything starts, all of it at once.",
    "",
    "## What counts",
    "",
    "| Variable | Also as | Meaning (default) | Must be |",
    "|---|---|---|---|",
    ...ENVIRONMENT.map(
      ({ name, twin, meaning, form }) =>
        `| \`${name}\` | ${twin === undefined ? "" : `\`${twin}\``} | ${meaning} | ${form} |`,
    ),
    "",
    "The names of the second column are those that the node took in 2026; two that say different things are refused.",
    "",
    "| Variable | Meaning |",
    "|---|---|",
    ...OTHER_VARIABLES.map(({ name, meaning }) => `| \`${name}\` | ${meaning} |`),
    "",
    "## What became of the Rust framework's other variables",
    "",
    "`replaced`: something else does it. `refused`: ignoring it would test another network than was meant, so a run with it set is",
    "refused. `waiting`: it belongs to real nodes or a backend that this version doesn't have, and has no effect. `dropped`: nothing",
    "is left for it to decide. Names that begin with `NOMOS_` stand for their `LOGOS_BLOCKCHAIN_` twins too.",
    "",
    "| Variables | What became of them | |",
    "|---|---|---|",
    ...[...fates.values()].map((group) => {
      const names = group.map(({ name }) => `\`${name}\``).join(", ");
      return `| ${names} | ${group[0]?.fate} | ${group[0]?.advice} |`;
    }),
    "",
  ].join("\n");
}
