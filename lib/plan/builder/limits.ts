import { LEAST_CPUS, LEAST_MEMORY_MIB, MOST_MEMORY_MIB, type NodeLimits } from "../../model/plan.ts";
import { shown } from "../shown.ts";
import type { Read } from "./read.ts";

/** An amount of memory: `"512MiB"`, `"1.5GiB"`. */
export type MemorySize = `${number}${"MiB" | "GiB"}`;

/** The most that each node may take of its machine. */
export interface Limits {
  /** Memory, from `"6MiB"` on. A node that takes more is killed. */
  readonly memory?: MemorySize;
  /** Processors, from 0.01 on: 0.5 is half of the time of one. A node that wants more waits. */
  readonly cpus?: number;
}

const UNIT_MIB = { MiB: 1, GiB: 1_024 } as const;
const FORM = /^(\d+(?:\.\d+)?)(MiB|GiB)$/;

/** Limits as the plan has them. */
export function readLimits(limits: Limits): Read<NodeLimits> {
  const { memory, cpus } = limits;
  if (Object.keys(limits).length === 0)
    return refuse("limits without memory and cpus limit nothing", 'Write limits({ memory: "512MiB", cpus: 0.5 }).');
  const memoryMiB = memory === undefined ? undefined : memoryOf(memory);
  if (memoryMiB === null) {
    const range = `from "${LEAST_MEMORY_MIB}MiB" to "${MOST_MEMORY_MIB / UNIT_MIB.GiB}GiB"`;
    return refuse(
      `limits memory: ${shown(memory)} is no amount of memory ${range}`,
      'Write "512MiB" or "1.5GiB", for example.',
    );
  }
  if (cpus !== undefined && !(Number.isFinite(cpus) && cpus >= LEAST_CPUS))
    return refuse(
      `limits cpus: ${shown(cpus)} is no number of processors from ${LEAST_CPUS} on`,
      "Write 0.5 for half of the time of one processor.",
    );
  return { value: { ...(memoryMiB !== undefined && { memoryMiB }), ...(cpus !== undefined && { cpus }) } };
}

/** MiB of a written amount; null when it is none. */
function memoryOf(written: unknown): number | null {
  const [, amount, unit] = (typeof written === "string" && FORM.exec(written)) || [];
  if (amount === undefined) return null;
  const mib = Number(amount) * UNIT_MIB[unit as keyof typeof UNIT_MIB];
  return mib >= LEAST_MEMORY_MIB && mib <= MOST_MEMORY_MIB ? mib : null;
}

function refuse(message: string, hint: string): Read<never> {
  return { refusal: { code: "NR-PLAN-VALUE", message, hint } };
}
