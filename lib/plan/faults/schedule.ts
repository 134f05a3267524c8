import { type Random, randomStream } from "../../core/random.ts";
import type { Plan, PlannedNode } from "../../model/plan.ts";
import type { ChaosOptions, FaultKind, PlannedFaultOptions, RandomRestarts } from "../chaos-options.ts";
import { DOWN_KINDS } from "../chaos-options.ts";
import { chaosTargets } from "../checks/chaos.ts";
import { chooseTargets, keepsQuorum, stakeOf } from "./targets.ts";

/** A fault that the schedule intends. */
export interface PlannedFault {
  /** `<workload> 1 ...`, in order of time. */
  readonly fault: string;
  readonly kind: FaultKind;
  /** Nodes that it hits. Empty where the run chooses: the leader of the newest block. */
  readonly targets: readonly string[];
  /** From the start of the drive, ms. */
  readonly at: number;
  /** What its author wrote; absent for a random restart. */
  readonly options?: PlannedFaultOptions;
  /** One of a row: it begins this long after the fault before it is over, and not before `at`. */
  readonly follows?: { readonly fault: string; readonly pauseMs: number };
}

/** Most times that one entry of a plan happens: a schedule ends there, however long the run. */
const MAX_OCCURRENCES = 10_000;

type Drawn = Omit<PlannedFault, "fault" | "follows"> & {
  readonly row?: { readonly id: string; readonly pauseMs: number };
};

/**
 * The faults of a run, in order of time: a pure function of the plan. Each entry of the options has a stream of chance
 * of its own, so adding one doesn't shift the others' draws.
 *
 * @param workload name of the workload: two of them have schedules of their own
 */
export function faultSchedule(
  plan: Pick<Plan, "seed" | "durationMs"> & { readonly topology: Pick<Plan["topology"], "nodes"> },
  workload: string,
  options: ChaosOptions,
): readonly PlannedFault[] {
  const { seed, durationMs } = plan;
  const { nodes } = plan.topology;
  const drawn: Drawn[] = [];
  if (options.restart) {
    const restarts = restartSchedule(seed, workload, nodes, options.restart, durationMs);
    drawn.push(...restarts.map(({ target, at }) => ({ kind: "restart" as const, targets: [target], at })));
  }
  for (const [i, fault] of options.faults.entries()) {
    const random = randomStream(seed, workload, "faults", i);
    for (const at of times(fault, durationMs, random))
      drawn.push(...occurrence(fault, `${i} at ${at}`, at, nodes, random));
  }
  return numbered(workload, drawn);
}

function occurrence(
  options: PlannedFaultOptions,
  row: string,
  at: number,
  nodes: readonly PlannedNode[],
  random: Random,
): Drawn[] {
  const total = stakeOf(nodes);
  const down = DOWN_KINDS.includes(options.kind);
  const dispensable = ({ stake }: { stake: number }) => !down || keepsQuorum(total - stake, total);
  const targets = namedIn(options) ?? chooseTargets(options.targets, nodes, random, dispensable);
  if (options.kind !== "rolling-restart") return [{ kind: options.kind, targets, at, options }];
  const { pauseMs } = options;
  return targets.map((target) => ({ kind: "restart", targets: [target], at, options, row: { id: row, pauseMs } }));
}

/** The nodes that a fault names otherwise than by its targets, which count for nothing then: sides, or ends of links. */
function namedIn(options: PlannedFaultOptions): readonly string[] | null {
  const named = ("groups" in options ? options.groups : null) ?? ("links" in options ? options.links : null);
  return named && [...new Set(named.flat())];
}

/** When a fault begins, within the drive. */
function times(options: PlannedFaultOptions, driveMs: number, random: Random): number[] {
  const { atMs, everyMs, minDelayMs, maxDelayMs } = options;
  const found: number[] = [];
  if (minDelayMs !== null && maxDelayMs !== null) {
    const next = () => minDelayMs + (maxDelayMs - minDelayMs) * random.float();
    for (let at = atMs ?? next(); at < driveMs && found.length < MAX_OCCURRENCES; at += next())
      found.push(Math.round(at));
  } else if (everyMs !== null) {
    for (let at = atMs ?? everyMs; at < driveMs && found.length < MAX_OCCURRENCES; at += everyMs)
      found.push(Math.round(at));
  } else if (atMs !== null) {
    found.push(Math.round(atMs));
  }
  return found;
}

function numbered(workload: string, drawn: readonly Drawn[]): PlannedFault[] {
  const inTime = drawn.map((fault, i) => ({ fault, i })).sort((a, b) => a.fault.at - b.fault.at || a.i - b.i);
  const lastOfRow = new Map<string, string>();
  return inTime.map(({ fault: { row, ...fault } }, i) => {
    const name = `${workload} ${i + 1}`;
    const before = row && lastOfRow.get(row.id);
    if (row) lastOfRow.set(row.id, name);
    return { fault: name, ...fault, ...(row && before ? { follows: { fault: before, pauseMs: row.pauseMs } } : {}) };
  });
}

/**
 * Restarts at random moments, in order of time. Between two lies a time that is uniform between the delays; the target is
 * uniform among the nodes whose own cooldown is over. When none is ready, the restart comes as soon as one is.
 */
export function restartSchedule(
  seed: string,
  workload: string,
  nodes: readonly PlannedNode[],
  options: RandomRestarts,
  driveMs: number,
): readonly { readonly target: string; readonly at: number }[] {
  const { minDelayMs, maxDelayMs, targetCooldownMs } = options;
  const random = randomStream(seed, workload, "restarts");
  const readyAt = new Map(chaosTargets(options, nodes).map(({ name }) => [name, 0]));
  const restarts: { target: string; at: number }[] = [];
  if (readyAt.size === 0) return restarts;
  for (let at = 0; ; ) {
    at += minDelayMs + (maxDelayMs - minDelayMs) * random.float();
    at = Math.max(at, Math.min(...readyAt.values()));
    if (at >= driveMs || restarts.length === MAX_OCCURRENCES) return restarts;
    const ready = [...readyAt].filter(([, time]) => time <= at).map(([name]) => name);
    const target = random.pick(ready);
    readyAt.set(target, at + targetCooldownMs);
    restarts.push({ target, at: Math.round(at) });
  }
}
