import { CodedError } from "../../core/errors.ts";
import type { Engine } from "../../host/docker/engine.ts";
import type { NodeLimits } from "../../model/plan.ts";

/** What an engine says of its machine that its library doesn't declare. */
interface EngineMachine {
  readonly NCPU: number;
  readonly MemoryLimit: boolean;
  readonly CpuCfsQuota: boolean;
}

/**
 * Looks whether an engine can hold its containers to limits, before anything is made: it would refuse more processors than it
 * has, and leave memory unlimited on a kernel that can't limit it.
 * @throws CodedError NR-DOCKER-LIMITS, and other NR-DOCKER-*
 */
export async function checkLimits(engine: Engine, { memoryMiB, cpus }: NodeLimits): Promise<void> {
  if (memoryMiB === undefined && cpus === undefined) return;
  const machine = await engine.does("ask for its machine", (docker): Promise<EngineMachine> => docker.info());
  const at = `the Docker Engine at ${engine.address.url}`;
  if (cpus !== undefined && cpus > machine.NCPU) {
    throw new CodedError(
      "NR-DOCKER-LIMITS",
      `each node is limited to ${cpus} processors, and ${at} has ${machine.NCPU}`,
      {
        hint: `Use limits({ cpus: ${machine.NCPU} }) or less, or --set topology.limits.cpus=${machine.NCPU}.`,
      },
    );
  }
  const lacks = [
    ...(memoryMiB !== undefined && !machine.MemoryLimit ? ["memory"] : []),
    ...(cpus !== undefined && !machine.CpuCfsQuota ? ["processor time"] : []),
  ];
  if (lacks.length === 0) return;
  throw new CodedError("NR-DOCKER-LIMITS", `the kernel below ${at} can't limit ${lacks.join(" and ")}`, {
    hint: "Leave limits out, or use an engine whose kernel has these control groups: docker info warns of what it lacks.",
  });
}
