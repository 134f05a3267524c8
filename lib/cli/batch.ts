import { CodedError } from "../core/errors.ts";
import type { SetField } from "../plan/settings.ts";
import type { Arguments } from "./arguments.ts";
import type { OptionSpec } from "./command.ts";
import { readSet } from "./plan-flags.ts";

/** Flags that make several runs of one plan. */
export const BATCH_OPTIONS: readonly OptionSpec[] = [
  { flags: "--repeat <n>", summary: "Run so many times, each with a seed of its own: <seed>-1, <seed>-2 ..." },
  { flags: "--until-failure", summary: "Repeat until a run doesn't pass; at most --repeat times when that is given" },
  {
    flags: "--matrix <path=values>",
    summary: "Run with each of these values of a field of the plan: wallets.count=10,50; several give all combinations",
    repeatable: true,
  },
];

/** Which runs a call makes of each plan. */
export interface Batch {
  /** Combinations of fields, each of which is run; one empty combination without a matrix. */
  readonly cells: readonly (readonly SetField[])[];
  /** How often each of them is run; infinite until a failure. */
  readonly times: number;
  readonly untilFailure: boolean;
}

/** More runs than anybody waits for are a typing error. */
const MOST_RUNS = 100_000;

/** @throws CodedError NR-CLI-VALUE, NR-CLI-OPTION */
export function readBatch(args: Arguments): Batch {
  const untilFailure = args.has("until-failure");
  const times = readTimes(args.value("repeat")) ?? (untilFailure ? Number.POSITIVE_INFINITY : 1);
  const axes = args.values("matrix").map(readAxis);
  const twice = axes.find(([first], i) => axes.slice(0, i).some(([other]) => other?.path === first?.path));
  if (twice) {
    throw new CodedError("NR-CLI-OPTION", `--matrix ${twice[0]?.path} is given twice`, {
      hint: "Give it once with all its values, separated by commas.",
    });
  }
  const count = axes.reduce((product, axis) => product * axis.length, 1);
  if (count > MOST_RUNS) {
    throw new CodedError("NR-CLI-OPTION", `the matrix has ${count} combinations`, {
      hint: `At most ${MOST_RUNS} are run in one call.`,
    });
  }
  const cells = axes.reduce<readonly (readonly SetField[])[]>(
    (found, axis) => found.flatMap((cell) => axis.map((field) => [...cell, field])),
    [[]],
  );
  return { cells, times, untilFailure };
}

function readTimes(written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  const times = /^\d{1,6}$/.test(written) ? Number(written) : 0;
  if (times >= 1 && times <= MOST_RUNS) return times;
  throw new CodedError("NR-CLI-VALUE", `--repeat can't be ${JSON.stringify(written)}`, {
    hint: `It is a whole number from 1 to ${MOST_RUNS}.`,
  });
}

function readAxis(written: string): readonly SetField[] {
  const { path, value } = readSet(written, "--matrix");
  const values = value.split(",");
  if (values.some((each) => each === "")) {
    throw new CodedError("NR-CLI-VALUE", `--matrix ${written} has an empty value`, {
      hint: "Write --matrix path=value,value.",
    });
  }
  const double = values.find((each, i) => values.indexOf(each) < i);
  if (double !== undefined) {
    throw new CodedError("NR-CLI-VALUE", `--matrix ${written} has the value ${double} twice`, {
      hint: "--repeat runs a plan several times.",
    });
  }
  return values.map((each) => ({ path, value: each, at: `--matrix ${path}=${each}` }));
}
