import { formatDuration } from "../../core/duration.ts";
import type { NodeKind } from "../../model/node-kind.ts";
import type { Plan } from "../../model/plan.ts";
import type { ChaosOptions } from "../chaos-options.ts";
import { combined, conditionsOfFault } from "../faults/links.ts";
import { faultSchedule, type PlannedFault } from "../faults/schedule.ts";
import type { Finding } from "../problem.ts";
import { checkCuts, RETURN_MS } from "./fault-cuts.ts";
import { checkEarly, checkHolders, checkJoin } from "./fault-latecomers.ts";
import { heldMs } from "./faults.ts";

/**
 * How long before the end of the drive a fault that only happens is not started any more, ms: for a process to stop,
 * start and answer, and five slots to see its chain move. Longer than it takes on an idle machine.
 */
export function healAllowanceMs(slotMs: number): number {
  return RETURN_MS + 5 * slotMs;
}

/** Time from a fault's begin until it must be over: what it holds, what time that is put back takes, and the allowance. */
export function spanMs({ options }: Pick<PlannedFault, "options">, slotMs: number): number {
  const held = options ? heldMs(options) : 0;
  const backlog = options?.kind === "clock-offset" ? Math.abs(options.offsetMs) : 0;
  return held + backlog + healAllowanceMs(slotMs);
}

/** Peers that a hint names. */
const LISTED_PEERS = 5;

/**
 * What is wrong with faults in this plan: cuts that outlive finality, delays of a slot, faults that don't fit, nodes that
 * are missed before they join.
 */
export function checkFaultFigures(
  path: string,
  workload: string,
  options: ChaosOptions,
  plan: Plan,
  nodeKind: Pick<NodeKind, "occupancy">,
): Finding[] {
  const schedule = faultSchedule(plan, workload, options);
  const diverges = plan.expectations.some(({ kind }) => kind === "divergence");
  const cuts = (at: string, faults: readonly PlannedFault[]) => (diverges ? [] : checkCuts(at, faults, plan, nodeKind));
  const random = schedule.filter((fault) => fault.options === undefined);
  const findings = options.faults.flatMap((entry, i) => {
    const at = `${path}.options.faults.${i}`;
    const occurrences = schedule.filter((fault) => fault.options === entry);
    return [
      ...checkFits(at, entry.kind, occurrences, plan),
      ...checkSlow(at, entry, plan),
      ...cuts(at, occurrences),
      ...checkJoin(at, entry, plan),
      ...checkLinks(at, entry, plan),
      ...checkEarly(at, entry, occurrences, options),
    ];
  });
  const slow = findings.length > 0 ? [] : checkSlowTogether(`${path}.options.faults`, options, schedule, plan);
  return [...cuts(`${path}.options.restart`, random), ...findings, ...slow, ...checkHolders(path, plan)];
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

/** Whether there are links between the ends that a fault names. */
function checkLinks(path: string, entry: ChaosOptions["faults"][number], plan: Plan): Finding[] {
  const pairs = "links" in entry ? (entry.links ?? []) : [];
  const { layout, nodes } = plan.topology;
  const neighbours = new Map(nodes.map((node) => [node.name, node.neighbours]));
  const missing = pairs.find(([from, to]) => !neighbours.get(from)?.includes(to));
  if (!missing) return [];
  const [from, to] = missing;
  const peers = neighbours.get(from) ?? [];
  return [
    {
      code: "NR-PLAN-IMPOSSIBLE",
      path: `${path}.links`,
      message: `there is no link between ${from} and ${to} in a ${layout} network`,
      hint: `${from} has links to ${peers.slice(0, LISTED_PEERS).join(", ")}${peers.length > LISTED_PEERS ? ", ..." : ""}.`,
    },
  ];
}

/** Delays of several faults that hold at once add up. */
function checkSlowTogether(
  path: string,
  options: ChaosOptions,
  schedule: readonly PlannedFault[],
  plan: Plan,
): Finding[] {
  const { slotMs } = plan.consensus;
  const delays = schedule.flatMap((fault) =>
    fault.options?.kind === "delay" ? [{ ...fault, options: fault.options }] : [],
  );
  const seen = new Set<string>();
  let open: typeof delays = [];
  for (const delay of delays) {
    open = [...open.filter((other) => other.at + other.options.forMs > delay.at), delay];
    const key = open
      .map(({ options: entry, targets }) => `${options.faults.indexOf(entry)} ${targets.join()}`)
      .join("; ");
    const most = open.reduce((sum, { options: entry }) => sum + entry.delayMs + entry.jitterMs, 0);
    if (open.length < 2 || most < slotMs || seen.has(key)) continue;
    seen.add(key);
    const conditions = combined(
      open.map((one) => conditionsOfFault(one.options, whom(one, plan), plan.topology.nodes)),
    );
    const longest = conditions.reduce((sum, { delayMs, jitterMs }) => Math.max(sum, delayMs + jitterMs), 0);
    if (longest < slotMs) continue;
    const where = options.faults.indexOf(delay.options);
    return [
      {
        code: "NR-PLAN-IMPOSSIBLE",
        path: `${path}.${where}.delayMs`,
        message:
          `${open.length} delays hold at once at ${formatDuration(delay.at)} and add up: messages are up to ${formatDuration(longest)} under way, ` +
          `a slot is ${formatDuration(slotMs)}, and every block would come too late to be built on`,
        hint: `Let one end before the next begins, or keep them together below ${formatDuration(slotMs / 2)}.`,
      },
    ];
  }
  return [];
}

/** Its targets; every node where only the run can tell which. */
function whom({ targets }: PlannedFault, { topology }: Plan): readonly string[] {
  return targets.length > 0 ? targets : topology.nodes.map(({ name }) => name);
}
