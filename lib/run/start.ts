import { createHash } from "node:crypto";
import { join } from "node:path";
import { must } from "../core/errors.ts";
import { startGuardian } from "../host/guardian-client.ts";
import { openLineWriter } from "../host/line-writer.ts";
import { createRunFolder, newRunId } from "../host/run-folder.ts";
import { markVariables } from "../host/run-marks.ts";
import { openShell } from "../host/shell.ts";
import { startSigningAhead } from "../host/sign-ahead.ts";
import { systemClock, wallNow } from "../host/system-clock.ts";
import type { Deployer } from "../model/deployer.ts";
import type { RunEvent } from "../model/events.ts";
import type { Registry } from "../model/registry.ts";
import { withCustomNodeKind } from "../plan/custom-node-kind.ts";
import { lockPlan } from "../plan/lock.ts";
import { problemText } from "../plan/problem.ts";
import type { ResolvedPlan } from "../plan/resolve.ts";
import type { TaskPlace } from "../tasks/prepare.ts";
import { executeRun, type Keep, type RunOptions } from "./execute.ts";
import type { RunReport } from "./run-report.ts";

/** Everything that plans can name, and the backends behind the names. */
export interface Parts {
  readonly registry: Registry;
  readonly deployers: ReadonlyMap<string, Deployer>;
  /** Where tasks and commands of the user's own pieces run. */
  place(): TaskPlace;
}

/** A run that is about to start. */
export interface StartOptions {
  readonly parts: Parts;
  readonly resolved: ResolvedPlan;
  readonly scenarioDigest: string | null;
  /** The file that the plan came from; absent where there was none. */
  readonly scenario?: string;
  /** Absolute path of the folder that run folders are made in. */
  readonly out: string;
  /** What made this program. */
  readonly build: string;
  readonly interrupt: AbortSignal;
  readonly keep: Keep;
  readonly act?: RunOptions["act"];
  readonly secrets?: RunOptions["secrets"];
  /** Told of the run before its first event; returns what follows its events. */
  onStart(run: { readonly runId: string; readonly folder: string }): (event: RunEvent) => void;
}

/** A run on its way. */
export interface StartedRun {
  readonly runId: string;
  /** Absolute path of the run folder. */
  readonly folder: string;
  /** Never rejects. */
  readonly report: Promise<RunReport>;
}

/**
 * Makes the run's folder and starts the run.
 * @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE when there is no place for its evidence
 */
export async function startRun(options: StartOptions): Promise<StartedRun> {
  const { parts, resolved, scenarioDigest, scenario, build } = options;
  const { plan, digest, forecast, warnings, customs } = resolved;
  const { setup } = plan;
  const registry = withCustomNodeKind(parts.registry, customs);
  const deployer = must(parts.deployers.get(plan.deployer), `backend ${plan.deployer}`);
  const simulated = deployer.simulate ? simulatedRunId(digest, scenarioDigest) : null;
  const nextId = simulated === null ? () => newRunId(wallNow()) : counted(simulated);
  const folder = await createRunFolder({ root: options.out, nextId });
  const { path } = folder;
  const runId = simulated ?? folder.runId;
  await folder.writeJson(
    "plan.lock.json",
    lockPlan(plan, { build, scenarioDigest, ...(scenario !== undefined && { scenario }) }),
  );
  const events = await openLineWriter(join(path, "events.ndjson"));
  const report = executeRun({
    runId,
    plan,
    planDigest: digest,
    forecast,
    warnings: warnings.map(problemText),
    customs,
    registry,
    nodeKind: must(registry.nodeKinds.get(plan.nodeKind), `node kind ${plan.nodeKind}`),
    deployer,
    build,
    folder: { path, events, writeJson: (name, value) => folder.writeJson(name, value) },
    clock: systemClock,
    wallNow,
    startGuardian: () => startGuardian({ runId, clock: systemClock, logFile: join(path, "guardian.log"), cwd: path }),
    listeners: [options.onStart({ runId, folder: path })],
    interrupt: options.interrupt,
    keep: options.keep,
    shell: (signal) => {
      const { folder: cwd, env } = parts.place();
      const marked = { ...env, ...markVariables({ runId, role: "runner" }) };
      return openShell({ folder: cwd, env: marked, clock: systemClock, signal }).$;
    },
    signAhead: (rows) => startSigningAhead(rows),
    ...(setup && {
      setup: async (events, signal) => {
        // Only here: most runs need no task, and loading what fetches and unpacks takes time.
        const { runSetup } = await import("./setup.ts");
        const tasks = new Map([...registry.tasks, ...customs.tasks]);
        await runSetup({ runId, setup, tasks, place: parts.place(), events, signal });
      },
    }),
    ...(options.act && { act: options.act }),
    ...(options.secrets && { secrets: options.secrets }),
  });
  return { runId, folder: path, report };
}

/**
 * A simulated run is its plan's only one: seed, scenario and program say everything that happens in it. The id is in its
 * event stream, so it has no time of day.
 */
function simulatedRunId(planDigest: string, scenarioDigest: string | null): string {
  const digest = createHash("sha256")
    .update(`${planDigest} ${scenarioDigest ?? ""}`)
    .digest("hex");
  return `sim-${digest.slice(0, 12)}`;
}

/** The id itself, and when its folder is there already, `-2`, `-3` and so on: no run's evidence is overwritten. */
function counted(id: string): () => string {
  let count = 0;
  return () => (++count === 1 ? id : `${id}-${count}`);
}
