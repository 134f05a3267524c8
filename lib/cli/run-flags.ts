import { resolve } from "node:path";
import { CodedError } from "../core/errors.ts";
import type { Environment } from "../plan/environment.ts";
import { REPORTERS } from "../report/create.ts";
import type { Keep } from "../run/execute.ts";
import type { Arguments } from "./arguments.ts";
import type { OptionSpec } from "./command.ts";
import type { ReporterRequest } from "./reporting.ts";
import { DEFAULT_OUT } from "./run-places.ts";
import type { World } from "./world.ts";

/** Flags that decide how a run goes, whatever its plan is. */
export const RUN_OPTIONS: readonly OptionSpec[] = [
  { flags: "--out <folder>", summary: `Where runs leave their folders; ${DEFAULT_OUT} by default` },
  { flags: "--keep", summary: "Leave the nodes up after the run" },
  { flags: "--keep-on-failure", summary: "Leave the nodes up after a run that did not pass" },
  {
    flags: "--reporter <name[=file]>",
    summary: "tty, plain, json, junit or github; tty on a terminal, else plain. Several with files: junit=report.xml",
    repeatable: true,
  },
];

export interface RunSettings {
  /** Absolute. */
  readonly out: string;
  readonly keep: Keep;
  readonly reporters: readonly ReporterRequest[];
}

export function runSettings(args: Arguments, environment: Environment, world: World): RunSettings {
  if (args.has("keep") && args.has("keep-on-failure")) {
    throw new CodedError("NR-CLI-OPTION", "--keep and --keep-on-failure exclude each other", {
      hint: "--keep leaves the nodes up whatever the verdict.",
    });
  }
  return {
    out: resolve(world.folder, args.value("out") ?? environment.values.out ?? DEFAULT_OUT),
    keep: keepOf(args, environment),
    reporters: readReporters(args.values("reporter"), world),
  };
}

function keepOf(args: Arguments, environment: Environment): Keep {
  if (args.has("keep")) return "always";
  if (args.has("keep-on-failure")) return "on-failure";
  return environment.values.keep ? "always" : "never";
}

/** The reporters asked for, and one for whoever watches when standard output has none. */
function readReporters(written: readonly string[], world: World): readonly ReporterRequest[] {
  const asked = written.map((text) => readReporter(text, world));
  const file = asked.find(
    (request, i) => request.file !== null && asked.some((o, j) => j < i && o.file === request.file),
  );
  if (file) {
    throw new CodedError("NR-CLI-OPTION", `two reporters write to ${file.file}`, {
      hint: "Give each a file of its own.",
    });
  }
  const shown = asked.filter(({ file: to, name }) => to === null && name !== "github");
  const [first, second] = shown;
  if (first && second) {
    const message = `--reporter ${first.name} and --reporter ${second.name} both write to standard output`;
    throw new CodedError("NR-CLI-OPTION", message, { hint: `Give one a file: --reporter ${second.name}=FILE.` });
  }
  const github = asked.some((request) => request.file === null && request.name === "github");
  if (github && (first?.name === "json" || first?.name === "junit")) {
    const message = `--reporter github writes to standard output, which is a document by --reporter ${first.name}`;
    throw new CodedError("NR-CLI-OPTION", message, { hint: `Give one a file: --reporter ${first.name}=FILE.` });
  }
  return first ? asked : [{ name: world.output.isTerminal ? "tty" : "plain", file: null }, ...asked];
}

function readReporter(text: string, { folder }: World): ReporterRequest {
  const equals = text.indexOf("=");
  const word = equals < 0 ? text : text.slice(0, equals);
  const name = REPORTERS.find((each) => each === word);
  if (name === undefined) {
    throw new CodedError("NR-CLI-VALUE", `--reporter can't be ${JSON.stringify(text)}`, {
      hint: `It is one of ${REPORTERS.join(", ")}, or one of them and a file: junit=report.xml.`,
    });
  }
  if (equals < 0) return { name, file: null };
  const file = text.slice(equals + 1);
  if (file === "" || name === "tty") {
    const hint =
      name === "tty" ? "It draws on a terminal; plain=FILE is the same as lines." : `Write --reporter ${name}=FILE.`;
    throw new CodedError("NR-CLI-VALUE", `--reporter can't be ${JSON.stringify(text)}`, { hint });
  }
  return { name, file: resolve(folder, file) };
}
