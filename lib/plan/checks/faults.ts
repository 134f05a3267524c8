import { formatDuration } from "../../core/duration.ts";
import { DOWN_KINDS, type PlannedFaultOptions } from "../chaos-options.ts";
import { candidates, keepsQuorum, mostTargets, stakeOf } from "../faults/targets.ts";
import { figure } from "../figure.ts";
import { didYouMean } from "../nearest.ts";
import type { Finding } from "../problem.ts";
import { shown } from "../shown.ts";
import type { RosterEntry } from "../topology.ts";

/** Whether one fault has a time, names that exist, sides that are sides, and leaves a quorum. */
export function checkFault(
  path: string,
  fault: PlannedFaultOptions,
  nodes: readonly RosterEntry[],
  maxUnavailable: number,
): Finding[] {
  const names = checkNames(path, fault, nodes);
  return [
    ...checkTimes(path, fault),
    ...names,
    ...(names.length > 0 ? [] : checkSides(path, fault, nodes)),
    ...(names.length > 0 || nodes.length === 0 ? [] : checkQuorum(path, fault, nodes, maxUnavailable)),
  ];
}

/** How long a fault holds, ms; 0 for those that only happen. */
export function heldMs(fault: PlannedFaultOptions): number {
  return "forMs" in fault ? fault.forMs : 0;
}

function checkTimes(path: string, fault: PlannedFaultOptions): Finding[] {
  const { kind, atMs, everyMs, minDelayMs, maxDelayMs } = fault;
  const code = "NR-PLAN-DELAYS";
  if (atMs === null && everyMs === null && minDelayMs === null && maxDelayMs === null) {
    const hint = 'Give it at: "20s", every: "30s", or minDelay and maxDelay.';
    return [{ code, path, message: `${kind} doesn't say when`, hint }];
  }
  if ((minDelayMs === null) !== (maxDelayMs === null) || (everyMs !== null && minDelayMs !== null)) {
    const hint = "Give it either every, or minDelay and maxDelay.";
    return [{ code, path, message: `${kind} has times that don't go together`, hint }];
  }
  if (minDelayMs !== null && maxDelayMs !== null && minDelayMs > maxDelayMs) {
    return [
      {
        code,
        path: `${path}.minDelayMs`,
        message: `minDelay ${formatDuration(minDelayMs)} is longer than maxDelay ${formatDuration(maxDelayMs)}`,
        hint: `Use a minDelay of at most ${formatDuration(maxDelayMs)}.`,
      },
    ];
  }
  const again = everyMs ?? minDelayMs;
  const held = heldMs(fault);
  if (again === null || again > held) return [];
  return [
    {
      code,
      path,
      message: `${kind} holds for ${formatDuration(held)} and begins again after ${formatDuration(again)}`,
      hint: `Use a longer time between two, or a for below ${formatDuration(again)}.`,
    },
  ];
}

function checkNames(path: string, fault: PlannedFaultOptions, nodes: readonly RosterEntry[]): Finding[] {
  const known = nodes.map(({ name }) => name);
  const { targets } = fault;
  const written = [
    ...(Array.isArray(targets) ? targets : []),
    ...("groups" in fault ? (fault.groups ?? []).flat() : []),
    ...("links" in fault ? (fault.links ?? []).flat() : []),
  ];
  const missing = [...new Set(written)].filter((name) => !known.includes(name));
  if (nodes.length === 0) return [];
  if (missing.length > 0) {
    return missing.map((name) => ({
      code: "NR-PLAN-NO-TARGET",
      path,
      message: `${fault.kind} names ${shown(name)}, and the network has no such node`,
      hint: `${didYouMean(name, known)}There are ${known.join(", ")}.`,
    }));
  }
  if (candidates(targets, nodes).length > 0) return [];
  const message = `${fault.kind} is for a role that no node of the network has`;
  return [{ code: "NR-PLAN-NO-TARGET", path, message, hint: "Choose among all nodes, or add nodes of that role." }];
}

function checkSides(path: string, fault: PlannedFaultOptions, nodes: readonly RosterEntry[]): Finding[] {
  if (fault.kind !== "partition" || nodes.length === 0) return [];
  const code = "NR-PLAN-VALUE";
  const named = (fault.groups ?? []).flat();
  const twice = named.find((name, i) => named.indexOf(name) !== i);
  if (twice !== undefined) {
    return [
      { code, path: `${path}.groups`, message: `${twice} is on two sides of the partition`, hint: "Name it once." },
    ];
  }
  const sides = fault.groups
    ? fault.groups.filter((group) => group.length > 0).length + (named.length < nodes.length ? 1 : 0)
    : Number(mostTargets(fault.targets, nodes).length > 0) +
      Number(mostTargets(fault.targets, nodes).length < nodes.length);
  if (sides >= 2) return [];
  return [
    {
      code,
      path,
      message: `the partition of these ${nodes.length} nodes has one side only`,
      hint:
        nodes.length < 3
          ? "Name the nodes of one side, or use at least 3 nodes."
          : "Leave some nodes to the other side.",
    },
  ];
}

function checkQuorum(
  path: string,
  fault: PlannedFaultOptions,
  nodes: readonly RosterEntry[],
  maxUnavailable: number,
): Finding[] {
  const total = stakeOf(nodes);
  const percentUp = (gone: readonly RosterEntry[]) => figure((100 * (total - stakeOf(gone))) / total);
  if (fault.kind === "join") {
    const late = candidates(fault.targets, nodes);
    if (keepsQuorum(total - stakeOf(late), total)) return [];
    const message = `without the nodes that join late only ${percentUp(late)} % of the stake is there at the start, and more than half must be`;
    return [{ code: "NR-PLAN-QUORUM", path, message, hint: "Let fewer nodes join late, or add nodes." }];
  }
  if (!DOWN_KINDS.includes(fault.kind)) return [];
  const inTurn = fault.kind === "rolling-restart";
  const gone = mostTargets(fault.targets, nodes);
  const groups = inTurn ? gone.map((node) => [node]) : [gone];
  const worst = groups.find((group) => !keepsQuorum(total - stakeOf(group), total));
  if (worst) {
    return [
      {
        code: "NR-PLAN-QUORUM",
        path,
        message:
          `${fault.kind} of ${worst.length === 1 ? worst[0]?.name : `${worst.length} nodes`} leaves ${percentUp(worst)} % of the stake up, ` +
          `and more than half must stay`,
        hint: nodes.length < 3 ? "Use at least 3 nodes." : "Choose fewer nodes, such as one(), or spread the stake.",
      },
    ];
  }
  if (inTurn || gone.length <= maxUnavailable) return [];
  return [
    {
      code: "NR-PLAN-QUORUM",
      path,
      message: `${fault.kind} takes up to ${gone.length} nodes away at once, and at most ${maxUnavailable} may be`,
      hint: `Call maxUnavailable(${gone.length}), or choose fewer nodes.`,
    },
  ];
}
