import { BUILD } from "../host/build-stamp.ts";
import type { WrittenPlan } from "../plan/written.ts";
import type { LibraryParts } from "../run/library/deploy.ts";
import type { DeployedCluster } from "../run/library/deployed-cluster.ts";
import type { LibraryOptions } from "../run/library/options.ts";
import type { RunReport } from "../run/run-report.ts";

/**
 * Boots a plan's network and gives it to you: nodes with clients, faults, the chain, wallets. The plan's workloads are not
 * started. A guardian process removes the network when this process ends, however it ends.
 * @example
 * await using cluster = await deploy(plan, { profile: "fast" });
 * await cluster.waitForHeight(10, { within: "30s" });
 * @throws CodedError NR-LIB-*, NR-PLAN-REFUSED before anything is made; later what made the boot fail
 */
export async function deploy(plan: WrittenPlan, options: LibraryOptions = {}): Promise<DeployedCluster> {
  const { deployPlan } = await import("../run/library/deploy.ts");
  return await deployPlan(await parts(), plan, options);
}

/**
 * Runs a plan: boots, drives, judges, takes down. Whatever goes wrong in it is the report's verdict.
 * @example
 * const { verdict, why } = await run(plan, { seed: "7" });
 * @throws CodedError NR-LIB-*, NR-PLAN-REFUSED before anything is made
 */
export async function run(plan: WrittenPlan, options: LibraryOptions = {}): Promise<RunReport> {
  const { runPlan } = await import("../run/library/run.ts");
  return await runPlan(await parts(), plan, options);
}

/** What runs are made of is loaded when it is used: scenario files import this module too, and most only describe. */
async function parts(): Promise<LibraryParts> {
  const { builtIn } = await import("./registry.ts");
  return { ...builtIn(), build: BUILD };
}
