import type { NodeLimits, Plan } from "../../model/plan.ts";
import type { Registry } from "../../model/registry.ts";
import type { Backend } from "../choose.ts";
import { figure } from "../figure.ts";
import type { Finding } from "../problem.ts";

/** Limits as people read them: `512 MiB of memory, 0.5 processors`. */
export function limitsText({ memoryMiB, cpus }: NodeLimits): string {
  const memory = memoryMiB === undefined ? [] : [`${figure(memoryMiB)} MiB of memory`];
  const processors = cpus === undefined ? [] : [`${figure(cpus)} ${cpus === 1 ? "processor" : "processors"}`];
  return [...memory, ...processors].join(", ");
}

/** Limits that the backend has no means to hold nodes to. */
export function limitsWithoutEffect(
  { topology: { limits } }: Plan,
  { name, holdsLimits }: Backend,
  { deployers }: Pick<Registry, "deployers">,
): Finding[] {
  if (!limits || holdsLimits) return [];
  const others = [...deployers.values()].filter((other) => other.holdsLimits).map((other) => other.name);
  return [
    {
      code: "NR-PLAN-LIMITS",
      path: "topology.limits",
      message: `limits of nodes have no effect on the backend ${name}, which has no means to hold them to ${limitsText(limits)}`,
      hint: others.length === 0 ? "Leave them out." : `Use a backend that can: ${others.join(", ")}.`,
    },
  ];
}
