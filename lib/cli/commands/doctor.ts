import { resolve } from "node:path";
import { CodedError } from "../../core/errors.ts";
import { systemClock } from "../../host/system-clock.ts";
import { readEnvironment } from "../../plan/environment.ts";
import { theNearest } from "../../plan/nearest.ts";
import { paintFor } from "../../report/screen.ts";
import { type Diagnosis, diagnose } from "../../tasks/doctor/doctor.ts";
import { BACKENDS } from "../../tasks/doctor/finding.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { builtIn } from "../registry.ts";
import { runSettings } from "../run-flags.ts";
import type { Output } from "../world.ts";

/** Says what of this machine is ready for which backend, and how to mend what is not. */
export const doctorCommand: CommandDetail = {
  options: [{ flags: "--json", summary: "Print one JSON document" }],
  examples: [
    ["doctor", "everything on one screen; exit code 0 when local processes can run"],
    ["doctor compose", "the same, and the exit code says whether containers can run"],
    ["doctor kubernetes --json", "for a program"],
  ],
  async run(args, world) {
    const environment = readEnvironment(world.env);
    const asked = args.positionals[0] ?? "local";
    if (!(BACKENDS as readonly string[]).includes(asked)) {
      throw new CodedError("NR-CLI-ARGUMENT", `there is no backend ${JSON.stringify(asked)} to look at`, {
        hint: `${theNearest(asked, [...BACKENDS])}There are ${BACKENDS.join(", ")}.`,
      });
    }
    const { out } = runSettings(args, environment, world);
    const place = { env: world.env, folder: world.folder, out: resolve(world.folder, out), clock: systemClock };
    const diagnoses = await diagnose(place, new Set(builtIn().deployers.keys()));
    const canRun = diagnoses.find(({ of }) => of === asked)?.canRun ?? false;
    if (args.has("json")) world.output.write(`${JSON.stringify({ asked, canRun, diagnoses }, null, 2)}\n`);
    else world.output.write(diagnoses.map((each) => text(each, world.output)).join("\n"));
    return canRun ? EXIT.passed : EXIT.error;
  },
};

function text({ of, canRun, findings }: Diagnosis, screen: Output): string {
  const paint = paintFor(screen);
  const verdict = canRun === null ? "" : canRun ? "  can run" : "  can't run";
  const width = Math.max(...findings.map(({ what }) => what.length));
  const lines = findings.flatMap(({ what, found, needed, detail, mend }) => {
    const sign = found ? paint("green", "+") : needed ? paint("red", "x") : paint("yellow", "-");
    const row = `  ${sign} ${what.padEnd(width)}  ${detail}`;
    return mend === null ? [row] : [row, `    ${" ".repeat(width)}  ${paint("bold", `mend: ${mend}`)}`];
  });
  return `${[paint("bold", `${of}${verdict}`), ...lines].join("\n")}\n`;
}
