import { resolve } from "node:path";
import { CodedError } from "../../core/errors.ts";
import { keepYoungGenerationSmall } from "../../host/lean-heap.ts";
import type { PlanLock } from "../../plan/lock.ts";
import { withOtherLimits } from "../../plan/recheck-sets.ts";
import { judgementChanges, type RecheckReport, recheckText } from "../../report/recheck-text.ts";
import type { CustomPieces } from "../../run/pieces.ts";
import { recheck } from "../../run/recheck.ts";
import type { CommandDetail } from "../command.ts";
import { verdictExit } from "../exit-codes.ts";
import { loadPlan } from "../load-plans.ts";
import { readSet } from "../plan-flags.ts";
import { readRecordedRun } from "../recorded-run.ts";
import { builtIn } from "../registry.ts";
import { DEFAULT_OUT, findRunFolder } from "../run-places.ts";
import type { World } from "../world.ts";

/** Judges a recorded run again, from its folder alone. */
export const recheckCommand: CommandDetail = {
  options: [
    {
      flags: "--set <path=value>",
      summary: "Judge by another limit: expectations.<name>.<option>=value",
      repeatable: true,
    },
    { flags: "--scenario <file>", summary: "Where the run's own expectations are, if the file has moved" },
    { flags: "--json", summary: "Print one JSON document" },
    { flags: "--out <folder>", summary: `Where runs leave their folders; ${DEFAULT_OUT} by default` },
  ],
  examples: [
    ["recheck latest", "the newest run; the exit code is that of the verdict"],
    ["recheck latest --set expectations.liveness.falseAlarm=0.001", "by a stricter limit"],
    ["recheck ./copied/run --json", "a folder from elsewhere, for a program"],
  ],
  async run(args, world) {
    const sets = args.values("set").map((written) => readSet(written));
    const root = resolve(world.folder, args.value("out") ?? DEFAULT_OUT);
    const folder = findRunFolder(root, args.positionals[0] ?? "", world.folder);
    keepYoungGenerationSmall();
    const { lock, report, events } = readRecordedRun(folder);
    const { registry } = builtIn();
    const plan = withOtherLimits(lock.plan, sets);
    const customs = await ownExpectations(lock, args.value("scenario"), world);
    const judged = recheck({ plan, events, registry, customs });
    const result: RecheckReport = {
      runId: report.runId,
      name: report.name,
      ...judged,
      recorded: { verdict: report.verdict, why: report.why },
      changed: judgementChanges(report.expectations, judged.expectations),
    };
    world.output.write(
      args.has("json") ? `${JSON.stringify({ v: 1, ...result }, null, 2)}\n` : recheckText(result, world.output),
    );
    return verdictExit(judged.verdict, null);
  },
};

/**
 * The expectations that only the scenario file can make, from the very file that the run was made of.
 * @throws CodedError NR-EVIDENCE-SCENARIO
 */
async function ownExpectations(lock: PlanLock, written: string | undefined, world: World): Promise<CustomPieces> {
  const own = lock.plan.expectations.filter(({ custom }) => custom).map(({ name }) => name);
  if (own.length === 0) return { workloads: new Map(), expectations: new Map() };
  const { scenario, scenarioDigest } = lock.environment;
  const file = written ?? scenario;
  const of = own.length === 1 ? `the expectation ${own[0]} is` : `the expectations ${own.join(", ")} are`;
  if (file === undefined || scenarioDigest === null) {
    throw new CodedError(
      "NR-EVIDENCE-SCENARIO",
      `${of} the scenario's own, and the run doesn't say which file it was`,
      {
        hint: "Name the file with --scenario FILE.",
      },
    );
  }
  const loaded = await loadPlan(file, world).catch((cause: unknown) => {
    if (!(cause instanceof CodedError) || cause.code !== "NR-HOST-SCENARIO-FILE") throw cause;
    throw new CodedError("NR-EVIDENCE-SCENARIO", `${of} the scenario's own, and ${cause.message}`, {
      hint: "Name the file as it was with --scenario FILE.",
      cause,
    });
  });
  if (loaded.digest !== scenarioDigest) {
    throw new CodedError("NR-EVIDENCE-SCENARIO", `${of} the scenario's own, and ${file} has changed since the run`, {
      hint: `The run was of ${scenarioDigest}, and the file is ${loaded.digest}. Bring the file back as it was.`,
    });
  }
  const missing = own.find((name) => !loaded.plan.customs.expectations.has(name));
  if (missing !== undefined) {
    throw new CodedError("NR-EVIDENCE-SCENARIO", `the plan in ${file} has no expectation ${missing}`, {
      hint: "Name the plan of the run: --scenario FILE#NAME.",
    });
  }
  return { workloads: new Map(), expectations: loaded.plan.customs.expectations };
}
