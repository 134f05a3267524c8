import { formatDuration } from "../../core/duration.ts";
import { longestSafePartition, partitionConflict } from "../../evidence/judgement/partition.ts";
import type { NodeKind } from "../../model/node-kind.ts";
import type { Plan, PlannedNode } from "../../model/plan.ts";
import type { ChaosOptions } from "../chaos-options.ts";
import { conditionsOfFault, connectedGroups } from "../faults/links.ts";
import { faultSchedule, type PlannedFault } from "../faults/schedule.ts";
import { stakeOf } from "../faults/targets.ts";
import { chance } from "../figure.ts";
import type { Finding } from "../problem.ts";
import { heldMs } from "./faults.ts";

type Occupancy = Pick<NodeKind, "occupancy">;

/**
 * How long before the end of the drive a fault that only happens is not started any more, ms: 3 s for a process to stop,
 * start and answer, and five slots to see its chain move. Longer than it takes on an idle machine.
 */
export function healAllowanceMs(slotMs: number): number {
  return 3_000 + 5 * slotMs;
}

/** Time from a fault's begin until it must be over: what it holds, what time that is put back takes, and the allowance. */
export function spanMs({ options }: Pick<PlannedFault, "options">, slotMs: number): number {
  const held = options ? heldMs(options) : 0;
  const backlog = options?.kind === "clock-offset" ? Math.abs(options.offsetMs) : 0;
  return held + backlog + healAllowanceMs(slotMs);
}

/** The sides that a cut leaves, as the layout connects them; null for a fault that cuts nothing. */
export function sidesLeft(
  fault: PlannedFault,
  nodes: readonly PlannedNode[],
): readonly (readonly PlannedNode[])[] | null {
  const { options, targets } = fault;
  if (options?.kind === "partition" || (options?.kind === "loss" && options.loss === 1)) {
    return connectedGroups(nodes, conditionsOfFault(options, targets, nodes));
  }
  if (options?.kind !== "clock-offset") return null;
  // Blocks of a clock that is off are refused by the others, or theirs by it.
  const off = nodes.filter(({ name }) => targets.includes(name));
  return [off, nodes.filter((node) => !off.includes(node))].filter((side) => side.length > 0);
}

/** The longest such cut that keeps agreement, in slots. */
export function longestSafe(plan: Plan, sides: readonly (readonly PlannedNode[])[], nodeKind: Occupancy): number {
  return longestSafePartition(splitOf(plan, sides, nodeKind));
}

function splitOf(plan: Plan, sides: readonly (readonly PlannedNode[])[], nodeKind: Occupancy) {
  const { consensus, topology } = plan;
  const total = stakeOf(topology.nodes);
  const p = (side: readonly PlannedNode[]) =>
    nodeKind.occupancy(
      consensus,
      side.map(({ stake }) => stake),
      total,
    );
  return { sides: sides.map(p), k: consensus.k };
}

/** What is wrong with faults in this plan: cuts that outlive finality, delays of a slot, faults that don't fit. */
export function checkFaultFigures(
  path: string,
  workload: string,
  options: ChaosOptions,
  plan: Plan,
  nodeKind: Occupancy,
): Finding[] {
  if (options.faults.length === 0) return [];
  const schedule = faultSchedule(plan, workload, options);
  const diverges = plan.expectations.some(({ kind }) => kind === "divergence");
  return options.faults.flatMap((entry, i) => {
    const at = `${path}.options.faults.${i}`;
    const occurrences = schedule.filter((fault) => fault.options === entry);
    return [
      ...checkFits(at, entry.kind, occurrences, plan),
      ...checkSlow(at, entry, plan),
      ...(diverges ? [] : checkCuts(at, occurrences, plan, nodeKind)),
      ...checkJoin(at, entry, plan),
    ];
  });
}

function checkFits(path: string, kind: string, occurrences: readonly PlannedFault[], plan: Plan): Finding[] {
  const { durationMs, consensus } = plan;
  const first = occurrences[0];
  const needed = first ? first.at + spanMs(first, consensus.slotMs) : Number.POSITIVE_INFINITY;
  if (needed <= durationMs) return [];
  const span = first ? spanMs(first, consensus.slotMs) : 0;
  return [
    {
      code: "NR-PLAN-IMPOSSIBLE",
      path,
      message: first
        ? `${kind} at ${formatDuration(first.at)} doesn't fit into ${formatDuration(durationMs)}: it takes ${formatDuration(span)} until it must have healed`
        : `${kind} begins after the run's ${formatDuration(durationMs)}`,
      hint: first
        ? `Use a withRunDuration of at least ${formatDuration(needed)} at this profile.`
        : "Let it begin earlier.",
    },
  ];
}

function checkSlow(path: string, entry: ChaosOptions["faults"][number], plan: Plan): Finding[] {
  const { slotMs } = plan.consensus;
  if (entry.kind === "delay" && entry.delayMs + entry.jitterMs >= slotMs) {
    const longest = formatDuration(entry.delayMs + entry.jitterMs);
    return [
      {
        code: "NR-PLAN-IMPOSSIBLE",
        path: `${path}.delayMs`,
        message: `messages are up to ${longest} under way, a slot is ${formatDuration(slotMs)}: every block would come too late to be built on`,
        hint: `Keep delay and jitter together below ${formatDuration(slotMs / 2)}.`,
      },
    ];
  }
  if (entry.kind === "delay" && entry.delayMs + entry.jitterMs === 0) {
    return [
      { code: "NR-PLAN-VALUE", path, message: "delay has neither delay nor jitter", hint: 'Give it delay: "200ms".' },
    ];
  }
  if (entry.kind === "clock-offset" && Math.abs(entry.offsetMs) < slotMs) {
    return [
      {
        code: "NR-PLAN-IMPOSSIBLE",
        path: `${path}.offsetMs`,
        message: `a clock ${formatDuration(Math.abs(entry.offsetMs))} off can't be seen in slots of ${formatDuration(slotMs)}`,
        hint: `Use an offset of at least ${formatDuration(slotMs)}, ahead or behind.`,
      },
    ];
  }
  return [];
}

function checkCuts(path: string, occurrences: readonly PlannedFault[], plan: Plan, nodeKind: Occupancy): Finding[] {
  const { nodes } = plan.topology;
  const { slotMs, k } = plan.consensus;
  for (const fault of occurrences) {
    const sides = sidesLeft(fault, nodes);
    if (!sides) continue;
    if (sides.length < 2) {
      const message = `${fault.kind} cuts nothing: the sides stay connected, or no link of the layout is between them`;
      return [{ code: "NR-PLAN-IMPOSSIBLE", path, message, hint: "Choose other sides, or another layout." }];
    }
    const held = spanMs(fault, slotMs) - healAllowanceMs(slotMs);
    const slots = Math.ceil(held / slotMs);
    const safe = longestSafe(plan, sides, nodeKind);
    if (slots <= safe) continue;
    const counts = sides.map((side) => side.length).join("/");
    const conflict = chance(partitionConflict(splitOf(plan, sides, nodeKind), slots));
    const what = fault.kind === "clock-offset" ? "clocks that far apart" : `a ${fault.kind}`;
    return [
      {
        code: "NR-PLAN-PARTITION",
        path: `${path}.forMs`,
        message:
          `${what} ${counts} for ${slots} slots (${formatDuration(held)}) outlives finality: two branches of k ${k} blocks come about ` +
          `in ${conflict} of such runs, and nodes that finalise different blocks never agree again`,
        hint:
          safe === 0
            ? "No length is safe: use a larger securityParam, or expectDivergence()."
            : `Use at most ${safe} slots (${formatDuration(safe * slotMs)}), a larger securityParam, or expectDivergence().`,
      },
    ];
  }
  return [];
}

function checkJoin(path: string, entry: ChaosOptions["faults"][number], plan: Plan): Finding[] {
  if (entry.kind !== "join") return [];
  const { nodes, layout } = plan.topology;
  const early = nodes.filter(({ name }) => !entry.targets.includes(name));
  const names = new Set(early.map(({ name }) => name));
  const linked = early.map((node) => ({ ...node, neighbours: node.neighbours.filter((peer) => names.has(peer)) }));
  if (connectedGroups(linked, []).length <= 1) return [];
  return [
    {
      code: "NR-PLAN-IMPOSSIBLE",
      path,
      message: `without ${entry.targets.join(", ")} the ${layout} falls apart until ${entry.targets.length === 1 ? "it joins" : "they join"}`,
      hint: layout === "star" ? `Let other nodes than ${nodes[0]?.name}, the hub, join late.` : "Call networkFull().",
    },
  ];
}
