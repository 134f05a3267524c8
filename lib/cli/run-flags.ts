import { resolve } from "node:path";
import { CodedError } from "../core/errors.ts";
import type { Environment } from "../plan/environment.ts";
import { REPORTERS, type ReporterName } from "../report/create.ts";
import type { Keep } from "../run/execute.ts";
import type { Arguments } from "./arguments.ts";
import type { OptionSpec } from "./command.ts";
import { chosen } from "./plan-flags.ts";
import { DEFAULT_OUT } from "./run-places.ts";
import type { World } from "./world.ts";

/** Flags that decide how a run goes, whatever its plan is. */
export const RUN_OPTIONS: readonly OptionSpec[] = [
  { flags: "--out <folder>", summary: `Where runs leave their folders; ${DEFAULT_OUT} by default` },
  { flags: "--keep", summary: "Leave the nodes up after the run" },
  { flags: "--keep-on-failure", summary: "Leave the nodes up after a run that did not pass" },
  { flags: "--reporter <name>", summary: "tty, plain or json; tty on a terminal, else plain" },
];

export interface RunSettings {
  /** Absolute. */
  readonly out: string;
  readonly keep: Keep;
  readonly reporter: ReporterName;
}

export function runSettings(args: Arguments, environment: Environment, world: World): RunSettings {
  if (args.has("keep") && args.has("keep-on-failure")) {
    throw new CodedError("NR-CLI-OPTION", "--keep and --keep-on-failure exclude each other", {
      hint: "--keep leaves the nodes up whatever the verdict.",
    });
  }
  return {
    out: resolve(world.folder, args.value("out") ?? environment.values.out ?? DEFAULT_OUT),
    keep: args.has("keep") ? "always" : args.has("keep-on-failure") ? "on-failure" : "never",
    reporter: chosen(args, "reporter", REPORTERS) ?? (world.output.isTerminal ? "tty" : "plain"),
  };
}
