import { ENVIRONMENT, type Variable, valueInForce } from "../../plan/environment.ts";
import { ORIGINAL_VARIABLES, type OriginalVariable, twinOf } from "../../plan/original-variables.ts";
import { tableText } from "../../report/table.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { OTHER_VARIABLES } from "../other-variables.ts";
import type { World } from "../world.ts";

/** Shows what the environment decides. */
export const envCommand: CommandDetail = {
  options: [
    { flags: "--all", summary: "Also those of the Rust framework that have no effect and are not set" },
    { flags: "--json", summary: "Print one JSON document" },
  ],
  examples: [
    ["env", "what counts now, and what is set to no effect"],
    ["env --all", "what became of every variable of the Rust framework"],
  ],
  async run(args, world) {
    const { env, output } = world;
    const read = [
      ...ENVIRONMENT.map((variable) => readRow(variable, env)),
      ...OTHER_VARIABLES.map((other) => otherRow(other, env)),
    ];
    const unread = ORIGINAL_VARIABLES.flatMap((variable) => unreadRows(variable, env));
    const shown = unread.filter(({ set }) => set || args.has("all"));
    if (args.has("json")) {
      output.write(`${JSON.stringify({ v: 1, read, notRead: shown }, null, 2)}\n`);
      return EXIT.passed;
    }
    const rows = read.map(({ name, value, from, meaning }) => [name, value ?? "-", from, meaning]);
    output.write(tableText([["VARIABLE", "VALUE", "FROM", "MEANING (DEFAULT)"], ...rows]));
    if (shown.length === 0) return EXIT.passed;
    output.write(
      `\n${tableText([["NOT READ", "SET", "WHAT BECAME OF IT"], ...shown.map(({ name, set, fate, advice }) => [name, set ? "yes" : "no", `${fate}: ${advice}`])])}`,
    );
    return EXIT.passed;
  },
};

interface ReadRow {
  readonly name: string;
  /** As it is written; null when it is not set, or means off. */
  readonly value: string | null;
  /** The variable's name or its twin's, `default`, or what is wrong with it. */
  readonly from: string;
  readonly meaning: string;
}

function readRow(variable: Variable, env: World["env"]): ReadRow {
  const { name, meaning } = variable;
  const found = valueInForce(variable, env);
  if (found === null) return { name, value: null, from: "default", meaning };
  const value = withoutPassword(env[found.from] ?? "");
  return { name, value, from: "problem" in found ? `refused: must be ${variable.form}` : found.from, meaning };
}

function otherRow({ name, meaning }: (typeof OTHER_VARIABLES)[number], env: World["env"]): ReadRow {
  const value = env[name] ?? "";
  return value === "" ? { name, value: null, from: "default", meaning } : { name, value, from: name, meaning };
}

function unreadRows({ name, fate, advice }: OriginalVariable, env: World["env"]) {
  const twin = twinOf(name);
  const row = (each: string) => ({ name: each, set: (env[each] ?? "") !== "", fate, advice });
  const own = row(name);
  return twin !== undefined && (env[twin] ?? "") !== "" ? [own, row(twin)] : [own];
}

/** Credentials within a URL are nobody's business who reads a log. */
function withoutPassword(value: string): string {
  return value.replace(/^(\w+:\/\/)[^/@]*@/, "$1***@");
}
