import type { Random } from "../../core/random.ts";
import type { Targets } from "../chaos-options.ts";
import type { RosterEntry } from "../topology.ts";

/** Sum of these nodes' stakes. */
export function stakeOf(nodes: readonly Pick<RosterEntry, "stake">[]): number {
  return nodes.reduce((sum, { stake }) => sum + stake, 0);
}

/** Whether this much stake makes a chain that the rest can't outgrow: more than half of the total. */
export function keepsQuorum(alive: number, total: number): boolean {
  return 2 * alive > total;
}

/** Nodes of the role that a choice is among, in the network's order. */
export function candidates(targets: Targets, nodes: readonly RosterEntry[]): readonly RosterEntry[] {
  if (Array.isArray(targets)) return nodes.filter(({ name }) => targets.includes(name));
  const { role } = targets as Exclude<Targets, readonly string[]>;
  return nodes.filter((node) => role === null || node.role === role);
}

/**
 * The nodes that a fault hits; none where only the run can tell.
 * @param dispensable whether a choice of one may fall on this node
 */
export function chooseTargets(
  targets: Targets,
  nodes: readonly RosterEntry[],
  random: Random,
  dispensable: (node: RosterEntry) => boolean,
): readonly string[] {
  if (Array.isArray(targets)) return targets;
  const { pick } = targets as Exclude<Targets, readonly string[]>;
  const among = candidates(targets, nodes);
  const total = stakeOf(nodes);
  switch (pick) {
    case "one": {
      const able = among.filter(dispensable);
      return able.length === 0 ? [] : [random.pick(able).name];
    }
    case "minority":
      return namesInOrder(
        nodes,
        growing(random.shuffle(among), (sum) => 2 * sum < total),
      );
    case "majority": {
      const shuffled = random.shuffle(among);
      const below = growing(shuffled, (sum) => 2 * sum <= total);
      return namesInOrder(nodes, shuffled.slice(0, below.length + 1));
    }
    case "all":
      return among.map(({ name }) => name);
    case "leaders":
      return [];
  }
}

/** Most nodes that a choice can take at once. */
export function mostTargets(targets: Targets, nodes: readonly RosterEntry[]): readonly RosterEntry[] {
  const among = candidates(targets, nodes);
  if (Array.isArray(targets)) return among;
  const { pick } = targets as Exclude<Targets, readonly string[]>;
  const total = stakeOf(nodes);
  const byStake = [...among].sort((a, b) => a.stake - b.stake);
  if (pick === "one" || pick === "leaders") return byStake.slice(0, 1);
  if (pick === "minority") return growing(byStake, (sum) => 2 * sum < total);
  if (pick === "majority") return byStake.slice(0, growing(byStake, (sum) => 2 * sum <= total).length + 1);
  return among;
}

/** The longest beginning of the list whose stake still passes. */
function growing(nodes: readonly RosterEntry[], passes: (sum: number) => boolean): RosterEntry[] {
  const taken: RosterEntry[] = [];
  for (const node of nodes) {
    if (!passes(stakeOf([...taken, node]))) break;
    taken.push(node);
  }
  return taken;
}

function namesInOrder(nodes: readonly RosterEntry[], chosen: readonly RosterEntry[]): string[] {
  const names = new Set(chosen.map(({ name }) => name));
  return nodes.filter(({ name }) => names.has(name)).map(({ name }) => name);
}
