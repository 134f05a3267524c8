import { basename, join } from "node:path";
import { CodedError } from "../core/errors.ts";
import { presentRuns } from "../host/present-runs.ts";
import { systemClock } from "../host/system-clock.ts";
import type { Binding } from "../model/binding.ts";
import type { Plan } from "../model/plan.ts";
import type { PlanLock } from "../plan/lock.ts";
import { readBinding } from "../run/read-binding.ts";
import { readRunDocuments } from "./recorded-run.ts";
import type { World } from "./world.ts";

/** A run whose network is up on this machine. */
export interface UpRun {
  readonly runId: string;
  readonly folder: string;
  readonly lock: PlanLock;
  readonly binding: Binding;
}

/**
 * Reads what a run that left its network up says of it.
 * @throws CodedError NR-ATTACH-NETWORK when it isn't up, NR-EVIDENCE-*, NR-PLAN-LOCK-*
 */
export async function readUpRun(folder: string, env: World["env"]): Promise<UpRun> {
  const runId = basename(folder);
  const { lock } = readRunDocuments(folder);
  const up = (await presentRuns(env, systemClock)).runs.find((run) => run.runId === runId);
  const nodes = [...(up?.processes ?? []).filter(({ role }) => role === "node"), ...(up?.things ?? [])];
  if (nodes.length === 0) {
    throw new CodedError("NR-ATTACH-NETWORK", `no node of run ${runId} is up`, {
      hint: "nomos-run up FILE leaves a network up; nomos-run ps lists those that are.",
    });
  }
  return { runId, folder, lock, binding: readBinding(join(folder, "binding.json")) };
}

/** @throws CodedError NR-ATTACH-NETWORK with everything in which the plan's network isn't the run's */
export function checkSameNetwork(plan: Plan, { lock, runId }: UpRun): void {
  const theirs = lock.plan;
  const names = (of: Plan) => of.topology.nodes.map(({ name, stake }) => `${name} (${stake})`).join(", ");
  const parts: readonly (readonly [what: string, of: (plan: Plan) => string])[] = [
    ["nodes, by stake,", names],
    ["node kind", ({ nodeKind }) => nodeKind],
    ["slot", ({ consensus }) => `${consensus.slotMs} ms`],
    ["security parameter", ({ consensus }) => String(consensus.k)],
    ["active slot coefficient", ({ consensus }) => String(consensus.f)],
    ["wallets", ({ wallets }) => `${wallets.count} with ${wallets.totalFunds}`],
  ];
  const differences = parts.flatMap(([what, of]) =>
    of(plan) === of(theirs) ? [] : [`its ${what}: ${of(theirs)}; the plan's: ${of(plan)}`],
  );
  if (differences.length === 0) return;
  throw new CodedError("NR-ATTACH-NETWORK", `run ${runId} deployed another network. ${differences.join(". ")}`, {
    hint: "Attach with the scenario that it was deployed from, and the same flags.",
  });
}
