import { errorText } from "../../../core/errors.ts";
import type { Look } from "../../../core/wait.ts";
import type { LinkCondition, RunningNode } from "../../../model/cluster.ts";
import type { RunContext } from "../../../model/run-context.ts";
import { conditionsOfFault, type LinkFaultOptions } from "../../../plan/faults/links.ts";
import type { Act } from "../act.ts";
import type { LinkBook } from "../link-book.ts";
import { everyLook } from "./process.ts";

const CALL_TIMEOUT_MS = 2_000;
/** A probe that took this much longer than its link's conditions is lost. */
const PROBE_SLACK_MS = 1_000;
/** A timer may fire this much early, as clocks are read in whole ms. */
const TIMER_MS = 2;

/** Cuts, slows or thins out links. Seen by peer counts, or by probes that travel as messages do. */
export function linksAct(options: LinkFaultOptions, targets: readonly string[], book: LinkBook): Act {
  const key = {};
  const conditions = (ctx: RunContext) => conditionsOfFault(options, targets, ctx.plan.topology.nodes);
  const tally = { sent: 0, lost: 0 };
  return {
    begin: (ctx) => book.impose(ctx.cluster.control, key, conditions(ctx), ctx.signal),
    end: (ctx) => book.lift(ctx.cluster.control, key, ctx.signal),
    look(ctx) {
      const imposed = conditions(ctx);
      if (options.kind === "partition" && !options.oneWay) return lookForCut(ctx, imposed);
      if (options.kind === "delay") return lookForDelay(ctx, imposed);
      return lookForLoss(ctx, imposed, tally);
    },
    affected: (ctx) => [...new Set(conditions(ctx).flatMap(({ from, to }) => [from, to]))],
  };
}

/** Every node has lost the neighbours that are cut off from it. */
async function lookForCut(ctx: RunContext, conditions: readonly LinkCondition[]): Promise<Look<string>> {
  const cut = peersOf(conditions);
  const cutOff = ctx.cluster
    .running()
    .map((node) => ({ node, lost: node.planned.neighbours.filter((peer) => cut.get(node.planned.name)?.has(peer)) }))
    .filter(({ lost }) => lost.length > 0);
  if (cutOff.length === 0) return { done: false, seen: "no running node has a link that is cut" };
  return everyLook(cutOff, async ({ node, lost }) =>
    asked(ctx, async () => {
      const { peers } = await node.client.networkInfo({ timeoutMs: CALL_TIMEOUT_MS, signal: ctx.signal });
      const { name, neighbours } = node.planned;
      const seen = `${name} has ${peers} of ${neighbours.length} peers`;
      return peers <= neighbours.length - lost.length ? { done: true, value: seen } : { done: false, seen };
    }),
  );
}

/** A message and its answer take at least what both directions are slowed down by. */
async function lookForDelay(ctx: RunContext, conditions: readonly LinkCondition[]): Promise<Look<string>> {
  const delays = new Map(conditions.map(({ from, to, delayMs }) => [`${from}>${to}`, delayMs]));
  const trips = await probeAll(ctx, conditions);
  if (!("trips" in trips)) return trips;
  const slow = trips.trips.map(({ from, to, ms }) => {
    const least = (delays.get(`${from}>${to}`) ?? 0) + (delays.get(`${to}>${from}`) ?? 0);
    return { from, to, ms, least };
  });
  const fast = slow.find(({ ms, least }) => ms !== null && ms < least - TIMER_MS);
  if (fast) return { done: false, seen: `${fast.from} to ${fast.to} and back in ${Math.round(fast.ms ?? 0)} ms` };
  const known = slow.filter(({ ms }) => ms !== null);
  const shortest = known.sort((a, b) => (a.ms ?? 0) - (b.ms ?? 0))[0];
  if (!shortest) return { done: false, seen: "no probe came back" };
  const { from, to, ms, least } = shortest;
  return {
    done: true,
    value: `${known.length} round trips, the shortest ${from} to ${to} in ${Math.round(ms ?? 0)} ms, at least ${least} ms expected`,
  };
}

/** Probes are lost. Where all are to be, none may come back; else one is enough, as a clear link loses none. */
async function lookForLoss(
  ctx: RunContext,
  conditions: readonly LinkCondition[],
  tally: { sent: number; lost: number },
): Promise<Look<string>> {
  const trips = await probeAll(ctx, conditions);
  if (!("trips" in trips)) return trips;
  const total = conditions.every(({ loss }) => loss === 1);
  const lost = trips.trips.filter(({ ms }) => ms === null).length;
  tally.sent += trips.trips.length;
  tally.lost += lost;
  const seen = `${tally.lost} of ${tally.sent} probes were lost`;
  const done = trips.trips.length > 0 && (total ? lost === trips.trips.length : tally.lost > 0);
  return done ? { done: true, value: seen } : { done: false, seen };
}

interface Trip {
  readonly from: string;
  readonly to: string;
  readonly ms: number | null;
}

/** One probe over every connected link that is under conditions, from the end that sends under them. */
async function probeAll(
  ctx: RunContext,
  conditions: readonly LinkCondition[],
): Promise<{ readonly trips: readonly Trip[] } | Extract<Look<string>, { done: false }>> {
  const peers = peersOf(conditions);
  const longest = Math.max(...conditions.map(({ delayMs, jitterMs }) => delayMs + jitterMs));
  const nodes = ctx.cluster.running().filter(({ planned }) => peers.has(planned.name));
  const answers = await Promise.all(nodes.map((node) => roundTrips(ctx, node, 2 * longest + PROBE_SLACK_MS)));
  const failed = answers.find((answer) => "failed" in answer);
  if (failed && answers.every((answer) => "failed" in answer)) return { done: false, seen: failed.failed };
  const trips = answers.flatMap((answer, i) => {
    const from = nodes[i]?.planned.name ?? "";
    if ("failed" in answer) return [];
    return Object.entries(answer.trips).flatMap(([to, ms]) => (peers.get(from)?.has(to) ? [{ from, to, ms }] : []));
  });
  return { trips };
}

async function roundTrips(
  { signal }: RunContext,
  { client, planned }: RunningNode,
  timeoutMs: number,
): Promise<{ readonly trips: Readonly<Record<string, number | null>> } | { readonly failed: string }> {
  if (!client.roundTrips) return { failed: `${planned.name} can't say how long messages take` };
  try {
    return { trips: await client.roundTrips(timeoutMs, { signal }) };
  } catch (thrown) {
    signal.throwIfAborted();
    return { failed: errorText(thrown) };
  }
}

/** Whom each node sends to under conditions. */
function peersOf(conditions: readonly LinkCondition[]): ReadonlyMap<string, ReadonlySet<string>> {
  const peers = new Map<string, Set<string>>();
  for (const { from, to } of conditions) peers.set(from, (peers.get(from) ?? new Set()).add(to));
  return peers;
}

async function asked({ signal }: RunContext, look: () => Promise<Look<string>>): Promise<Look<string>> {
  try {
    return await look();
  } catch (thrown) {
    signal.throwIfAborted();
    return { done: false, seen: errorText(thrown) };
  }
}
