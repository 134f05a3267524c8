import { randomBytes } from "node:crypto";
import { durationMs } from "../core/duration.ts";
import { CodedError } from "../core/errors.ts";
import type { Environment } from "../plan/environment.ts";
import type { SetField, Settings } from "../plan/settings.ts";
import type { Arguments } from "./arguments.ts";
import type { OptionSpec } from "./command.ts";

/** Flags that decide about the plan. */
export const PLAN_OPTIONS: readonly OptionSpec[] = [
  { flags: "--duration <time>", summary: "How long to drive the network: 90s, 2m; not scaled by the profile" },
  { flags: "--seed <text>", summary: "What all chance derives from; drawn and printed when left away" },
  { flags: "--profile <name>", summary: "default, or fast: 250 ms slots, all written durations scaled with them" },
  { flags: "--deployer <name>", summary: "Backend that the nodes run on; local by default" },
  { flags: "--node-kind <name>", summary: "Kind of the nodes; reference, the embedded node, by default" },
  { flags: "--set <path=value>", summary: "Replace a field of the plan, by its path in plan --json", repeatable: true },
];

/** The settings that flags and environment make. */
export function planSettings(args: Arguments, environment: Environment): Settings {
  return {
    seed: args.value("seed"),
    drawnSeed: randomBytes(8).toString("hex"),
    profile: args.value("profile"),
    deployer: args.value("deployer"),
    nodeKind: args.value("node-kind"),
    durationMs: readDuration(args.value("duration")),
    sets: args.values("set").map((written) => readSet(written)),
    environment,
  };
}

function readDuration(written: string | undefined): number | undefined {
  if (written === undefined) return undefined;
  try {
    return durationMs(written);
  } catch (cause) {
    throw new CodedError("NR-CLI-VALUE", `--duration can't be ${JSON.stringify(written)}`, {
      hint: "Write a number with its unit: 90s, 1500ms, 2m, 1h.",
      cause,
    });
  }
}

/**
 * Reads `path=value`.
 * @param flag the flag that it was given with
 * @throws CodedError NR-CLI-VALUE
 */
export function readSet(written: string, flag = "--set"): SetField {
  const equals = written.indexOf("=");
  if (equals < 1) {
    throw new CodedError("NR-CLI-VALUE", `${flag} ${written} has no ${equals < 0 ? "equals sign" : "path"}`, {
      hint: `Write ${flag} path=value; plan --json shows the paths.`,
    });
  }
  return { path: written.slice(0, equals), value: written.slice(equals + 1), at: `${flag} ${written}` };
}
