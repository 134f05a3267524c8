import { digestOf } from "../../core/canonical-json.ts";
import { ERROR_CODES, type ErrorCode } from "../../core/error-codes.ts";
import { CodedError } from "../../core/errors.ts";
import type { Registry } from "../../model/registry.ts";
import type { ResolvedPlan } from "../../plan/resolve.ts";
import type { WrittenPlan } from "../../plan/written.ts";
import type { RunReport } from "../run-report.ts";
import { type Parts, startRun } from "../start.ts";
import { type DeployedCluster, deployedCluster } from "./deployed-cluster.ts";
import { handOver } from "./hand-over.ts";
import { type LibraryOptions, readOptions } from "./options.ts";

/** What the library is made of: everything that plans can name, and what made this program. */
export interface LibraryParts extends Parts {
  readonly build: string;
}

/**
 * Deploys a plan's network for somebody who drives it. The plan's workloads are not started, and what comes with them is
 * not judged.
 * @throws CodedError NR-LIB-PLAN, NR-LIB-OPTION, RefusedPlan before anything is made; later what made the boot fail
 */
export async function deployPlan(
  parts: LibraryParts,
  written: WrittenPlan,
  options: LibraryOptions,
): Promise<DeployedCluster> {
  const { out, resolved, onEvent, interrupt, release } = readOptions(written, options, parts.registry);
  if (parts.deployers.get(resolved.plan.deployer)?.simulate) {
    throw new CodedError("NR-LIB-OPTION", "a simulated network can't be driven from outside: its time stands still", {
      hint: "Use run() with a workload of your own, or the backend local.",
    });
  }
  const opened = Promise.withResolvers<DeployedCluster>();
  const closing = Promise.withResolvers<void>();
  let closed = false;
  const run = await startRun({
    parts,
    resolved: undriven(resolved, parts.registry),
    scenarioDigest: null,
    out,
    build: parts.build,
    interrupt,
    keep: "never",
    onStart: () => onEvent,
    act: (conductor) =>
      handOver(
        conductor,
        (network) => {
          const close = () => {
            closed = true;
            closing.resolve();
            return run.report;
          };
          opened.resolve(deployedCluster(network, conductor, close, () => closed));
        },
        closing.promise,
      ),
  });
  void run.report.then(release);
  return await Promise.race([opened.promise, run.report.then((report) => Promise.reject(bootError(report)))]);
}

/** The plan without its workloads and the expectations that come with them. */
function undriven(resolved: ResolvedPlan, registry: Registry): ResolvedPlan {
  const { plan, customs } = resolved;
  const brought = new Set(
    [
      ...plan.workloads.flatMap((piece) => registry.workloads.get(piece.kind)?.expectations(piece) ?? []),
      ...[...customs.workloads.values()].flatMap((workload) => workload.expectations?.() ?? []),
    ].map(({ name }) => name),
  );
  const left = {
    ...plan,
    workloads: [],
    expectations: plan.expectations.filter(({ name }) => !brought.has(name)),
  };
  return { ...resolved, plan: left, digest: digestOf(left) };
}

/** The error that ended a run before its network was up. */
export function bootError({ errors, why, verdict }: RunReport): CodedError {
  const [first] = errors;
  if (!first) return new CodedError(verdict === "interrupted" ? "NR-CORE-INTERRUPTED" : "NR-CORE-INTERNAL", why);
  const code = Object.hasOwn(ERROR_CODES, first.code) ? (first.code as ErrorCode) : "NR-CORE-INTERNAL";
  return new CodedError(code, first.message, first.hint === null ? {} : { hint: first.hint });
}
