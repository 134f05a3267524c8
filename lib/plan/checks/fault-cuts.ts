import { formatDuration } from "../../core/duration.ts";
import { longestSafePartition, partitionConflict } from "../../evidence/judgement/partition.ts";
import type { NodeKind } from "../../model/node-kind.ts";
import type { Plan, PlannedNode } from "../../model/plan.ts";
import { DOWN_KINDS } from "../chaos-options.ts";
import { conditionsOfFault, connectedGroups } from "../faults/links.ts";
import type { PlannedFault } from "../faults/schedule.ts";
import { candidates, stakeOf } from "../faults/targets.ts";
import { chance } from "../figure.ts";
import type { Finding } from "../problem.ts";
import { heldMs } from "./faults.ts";

type Sides = readonly (readonly PlannedNode[])[];

/** Time that a node takes to stop, start and answer, ms: longer than on an idle machine, and not scaled by a profile. */
export const RETURN_MS = 3_000;
/** Sides of a cut that are counted one by one; of more, only how many there are is said. */
const COUNTED_SIDES = 6;

/**
 * The sides that are left while a fault holds, as the layout connects them; null for a fault that cuts nothing. A node
 * that is down cuts too where others reach one another through it only: a star without its hub falls apart.
 */
export function sidesLeft(fault: PlannedFault, nodes: readonly PlannedNode[]): Sides | null {
  const { kind, options, targets } = fault;
  if (DOWN_KINDS.includes(kind)) return sidesWithout(targets, nodes);
  if (options?.kind === "partition" || (options?.kind === "loss" && options.loss === 1)) {
    return connectedGroups(nodes, conditionsOfFault(options, targets, nodes));
  }
  if (options?.kind !== "clock-offset") return null;
  // Blocks of a clock that is off are refused by the others, or theirs by it.
  const off = nodes.filter(({ name }) => targets.includes(name));
  return [off, nodes.filter((node) => !off.includes(node))].filter((side) => side.length > 0);
}

/** The sides into which the others fall without these nodes; null when they stay one. */
function sidesWithout(gone: readonly string[], nodes: readonly PlannedNode[]): Sides | null {
  // Whoever is a peer of everybody keeps everybody together, and looking at each link of a large mesh takes long.
  if (nodes.some(({ name, neighbours }) => !gone.includes(name) && neighbours.length === nodes.length - 1)) return null;
  const sides = connectedGroups(
    nodes.filter(({ name }) => !gone.includes(name)),
    [],
  );
  return sides.length > 1 ? sides : null;
}

/** How long the sides of a fault go on alone, ms. */
function apartMs({ kind, options }: PlannedFault): number {
  const held = options ? heldMs(options) : 0;
  if (DOWN_KINDS.includes(kind)) return kind === "pause" ? held : held + RETURN_MS;
  return held + (options?.kind === "clock-offset" ? Math.abs(options.offsetMs) : 0);
}

/** Cuts that outlive finality, and those that cut nothing, among the times of one fault: the first of them. */
export function checkCuts(
  path: string,
  occurrences: readonly PlannedFault[],
  plan: Plan,
  nodeKind: Pick<NodeKind, "occupancy">,
): Finding[] {
  const { nodes } = plan.topology;
  const { slotMs } = plan.consensus;
  const seen = new Set<string>();
  for (const fault of occurrences.flatMap((one) => possibleFaults(one, nodes))) {
    const key = fault.targets.join();
    if (seen.has(key)) continue;
    seen.add(key);
    const sides = sidesLeft(fault, nodes);
    if (!sides) continue;
    if (sides.length < 2) {
      const message = `${fault.kind} cuts nothing: the sides stay connected, or no link of the layout is between them`;
      return [{ code: "NR-PLAN-IMPOSSIBLE", path, message, hint: "Choose other sides, or another layout." }];
    }
    const slots = Math.ceil(apartMs(fault) / slotMs);
    const split = splitOf(plan, sides, nodeKind);
    const safe = longestSafePartition(split);
    if (slots > safe)
      return [outlives(path, fault, plan, sides, { slots, safe, chance: partitionConflict(split, slots) })];
  }
  return [];
}

/**
 * What a fault may turn out to be whose target only the run knows: one node of each sort, by stake and number of peers,
 * and of each sort the one in the middle of the layout.
 */
function possibleFaults(fault: PlannedFault, nodes: readonly PlannedNode[]): readonly PlannedFault[] {
  if (fault.targets.length > 0 || !fault.options) return [fault];
  const named = candidates(fault.options.targets, nodes);
  const among = nodes.filter(({ name }) => named.some((one) => one.name === name));
  const sorts = Map.groupBy(among, ({ stake, neighbours }) => `${stake}/${neighbours.length}`);
  return [...sorts.values()].flatMap((sort) => {
    const middle = sort[Math.floor(sort.length / 2)];
    return middle ? [{ ...fault, targets: [middle.name] }] : [];
  });
}

function outlives(
  path: string,
  fault: PlannedFault,
  plan: Plan,
  sides: Sides,
  figures: { readonly slots: number; readonly safe: number; readonly chance: number },
): Finding {
  const { consensus, topology } = plan;
  const { slotMs, k } = consensus;
  const { slots, safe } = figures;
  const down = DOWN_KINDS.includes(fault.kind);
  const counts =
    sides.length > COUNTED_SIDES ? `into ${sides.length} sides` : sides.map((side) => side.length).join("/");
  const what = down
    ? `without ${fault.targets.join(" and ")} the ${topology.layout} falls apart: sides`
    : fault.kind === "clock-offset"
      ? "clocks that far apart"
      : `a ${fault.kind}`;
  const back = down && fault.kind !== "pause" ? `, ${formatDuration(RETURN_MS)} to be back counted` : "";
  const held = safe * slotMs - (back === "" ? 0 : RETURN_MS);
  const others = down ? "networkFull(), other targets, " : "";
  return {
    code: "NR-PLAN-PARTITION",
    path: "forMs" in (fault.options ?? {}) ? `${path}.forMs` : path,
    message:
      `${what} ${counts} for ${slots} slots (${formatDuration(apartMs(fault))}${back}) outlives finality: two branches of k ${k} blocks come about ` +
      `in ${chance(figures.chance)} of such runs, and nodes that finalise different blocks never agree again`,
    hint:
      held <= 0 || !Number.isFinite(held)
        ? `No length is safe: use ${others}a larger securityParam, or expectDivergence().`
        : `Use at most ${safe} slots (${formatDuration(held)}), ${others}a larger securityParam, or expectDivergence().`,
  };
}

function splitOf({ consensus, topology }: Plan, sides: Sides, nodeKind: Pick<NodeKind, "occupancy">) {
  const total = stakeOf(topology.nodes);
  const p = (side: readonly PlannedNode[]) =>
    nodeKind.occupancy(
      consensus,
      side.map(({ stake }) => stake),
      total,
    );
  return { sides: sides.map(p), k: consensus.k };
}
