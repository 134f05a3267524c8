import { formatDuration } from "../../core/duration.ts";
import type { Plan } from "../../model/plan.ts";
import type { ChaosOptions } from "../chaos-options.ts";
import { connectedGroups } from "../faults/links.ts";
import type { PlannedFault } from "../faults/schedule.ts";
import type { Finding } from "../problem.ts";

/** Whether a fault names nodes that join after it has begun. */
export function checkEarly(
  path: string,
  entry: ChaosOptions["faults"][number],
  occurrences: readonly PlannedFault[],
  options: ChaosOptions,
): Finding[] {
  if (entry.kind === "join" || !Array.isArray(entry.targets)) return [];
  const joins = new Map(
    options.faults.flatMap((other) =>
      other.kind === "join" ? other.targets.map((name) => [name, other.atMs ?? other.everyMs ?? 0] as const) : [],
    ),
  );
  for (const { at, targets } of occurrences) {
    const absent = targets.find((name) => (joins.get(name) ?? 0) > at);
    if (absent === undefined) continue;
    const joinsAt = formatDuration(joins.get(absent) ?? 0);
    return [
      {
        code: "NR-PLAN-IMPOSSIBLE",
        path,
        message: `${entry.kind} names ${absent} at ${formatDuration(at)}, and ${absent} joins at ${joinsAt}`,
        hint: `Let it begin after ${joinsAt}, or choose another node.`,
      },
    ];
  }
  return [];
}

/** Whether blobs can be dispersed before latecomers join: each subnetwork must have a member, and an executor must be there. */
export function checkHolders(path: string, plan: Plan): Finding[] {
  const { da, topology, workloads } = plan;
  const late = new Set(topology.nodes.flatMap(({ name, joinsLate }) => (joinsLate ? [name] : [])));
  if (!da || late.size === 0 || !workloads.some(({ kind }) => kind === "data-availability")) return [];
  const code = "NR-PLAN-IMPOSSIBLE";
  const executors = topology.nodes.filter(({ role }) => role === "executor");
  if (executors.length > 0 && executors.every(({ name }) => late.has(name))) {
    const names = executors.map(({ name }) => name).join(" and ");
    const message = `blobs are dispersed from the start of the drive, and every executor joins late: ${names}`;
    return [{ code, path, message, hint: "Let one executor start with the others." }];
  }
  const empty = da.members.flatMap((members, i) => (members.every((name) => late.has(name)) ? [i] : []));
  if (empty.length === 0) return [];
  const missing = [...new Set(empty.flatMap((i) => da.members[i] ?? []))].join(" and ");
  return [
    {
      code,
      path,
      message:
        `blobs are dispersed from the start of the drive, and ${empty.length} of ${da.members.length} subnetworks have no member ` +
        `until ${missing} join: no blob could be written`,
      hint: "Let nodes join late that don't share a subnetwork, leave out daWith, or add nodes.",
    },
  ];
}

/** Whether the network holds together without its latecomers. */
export function checkJoin(path: string, entry: ChaosOptions["faults"][number], plan: Plan): Finding[] {
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
