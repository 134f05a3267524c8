import { resolve } from "node:path";
import { CodedError } from "../core/errors.ts";
import { leftOf, presentRuns, removalText, removeRun } from "../host/present-runs.ts";
import { task } from "../plan/task.ts";
import { BACKENDS } from "./doctor/finding.ts";

/** As the command of that name, for scenarios that want to know before they deploy. */
export const doctor = task("doctor", {
  description: "Look whether this machine is ready for a backend",
  options: {
    backend: {
      summary: `one of ${BACKENDS.join(", ")}`,
      default: "local",
      check: (value) =>
        (BACKENDS as readonly string[]).includes(value) ? undefined : `is none of ${BACKENDS.join(", ")}`,
    },
  },
  steps: ({ options }) => [`look for what the backend ${options["backend"]} needs`],
  recipe: "1",
  async run({ env, folder, clock, options, note }) {
    // Only here: every plan knows this task, and few run it.
    const { diagnose } = await import("./doctor/doctor.ts");
    const place = { env, folder, out: resolve(folder, ".nomos-run/runs"), clock };
    const diagnoses = await diagnose(place, new Set(BACKENDS));
    const asked = diagnoses.find(({ of }) => of === options["backend"]);
    const lacking = (asked?.findings ?? []).filter(({ found }) => !found);
    for (const { what, detail } of lacking) note(`${what}: ${detail}`);
    if (asked?.canRun) return;
    const needed = lacking.filter((finding) => finding.needed).map(({ what, detail }) => `${what}: ${detail}`);
    throw new CodedError("NR-TASK-FAILED", `${options["backend"]} can't run here: ${needed.join("; ")}`, {
      hint: `nomos-run doctor ${options["backend"]} says how to mend that.`,
    });
  },
});

/** As the command of that name. */
export const clean = task("clean", {
  description: "Remove the processes and containers that ended runs and tasks left behind",
  options: {
    all: {
      summary: "yes: also those of runs that were kept up on purpose",
      default: "no",
      check: (value) => (value === "yes" || value === "no" ? undefined : "is neither yes nor no"),
    },
  },
  steps: ({ options }) => [
    `remove processes, containers and networks of ${options["all"] === "yes" ? "kept runs and leftovers" : "leftovers"}`,
  ],
  recipe: "1",
  async run({ clock, env, options, note, progress }) {
    const { runs, engine, unreachable } = await presentRuns(env, clock);
    if (unreachable) note(`containers are not looked for: ${unreachable.message}`);
    const chosen = runs.filter(({ state }) => state === "leftover" || (options["all"] === "yes" && state === "kept"));
    for (const { runId } of chosen) {
      progress(`ending ${runId}`);
      const removal = await removeRun(runId, engine, clock);
      note(`${runId}: ${removalText(removal) ?? "nothing was left of it"}`);
      const left = leftOf(removal);
      if (left.length === 0) continue;
      throw new CodedError("NR-TASK-FAILED", `of ${runId} is left: ${left.map(({ what }) => what).join(", ")}`, {
        hint: `Remove it with: ${left.map(({ remove }) => remove).join("; ")}`,
      });
    }
    if (chosen.length === 0) note("nothing to remove");
  },
});
