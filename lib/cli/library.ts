import type { WrittenPlan } from "../plan/written.ts";
import { deployPlan, type LibraryParts } from "../run/library/deploy.ts";
import type { DeployedCluster } from "../run/library/deployed-cluster.ts";
import type { LibraryOptions } from "../run/library/options.ts";
import { runPlan } from "../run/library/run.ts";
import type { RunReport } from "../run/run-report.ts";
import { builtIn } from "./registry.ts";
import { BUILD } from "./version.ts";

/**
 * Boots a plan's network and gives it to you: nodes with clients, faults, the chain, wallets. The plan's workloads are not
 * started. A guardian process removes the network when this process ends, however it ends.
 * @example
 * await using cluster = await deploy(plan, { profile: "fast" });
 * await cluster.waitForHeight(10, { within: "30s" });
 * @throws CodedError NR-LIB-*, NR-PLAN-REFUSED before anything is made; later what made the boot fail
 */
export function deploy(plan: WrittenPlan, options: LibraryOptions = {}): Promise<DeployedCluster> {
  return deployPlan(parts(), plan, options);
}

/**
 * Runs a plan: boots, drives, judges, takes down. Whatever goes wrong in it is the report's verdict.
 * @example
 * const { verdict, why } = await run(plan, { seed: "7" });
 * @throws CodedError NR-LIB-*, NR-PLAN-REFUSED before anything is made
 */
export function run(plan: WrittenPlan, options: LibraryOptions = {}): Promise<RunReport> {
  return runPlan(parts(), plan, options);
}

function parts(): LibraryParts {
  return { ...builtIn(), build: BUILD };
}
