import { errorText } from "../../../core/errors.ts";
import type { LinkCondition, RunningNode } from "../../../model/cluster.ts";
import type { RunContext } from "../../../model/run-context.ts";
import type { LinkBook } from "../link-book.ts";

/** A probe that took this much longer than its link's conditions is lost. */
const PROBE_SLACK_MS = 1_000;

/** One probe over one link, there and back. */
export interface Trip {
  readonly from: string;
  readonly to: string;
  /** Null when it was lost. */
  readonly ms: number | null;
}

/** A round of probes, and the conditions that held during it; or why there is none. */
export type Round =
  | { readonly trips: readonly Trip[]; readonly inForce: readonly LinkCondition[] }
  | { readonly failed: string };

/**
 * One probe over every connected link that is under these conditions, from the end that sends under them. Links to nodes
 * that were frozen or not there meanwhile are left out: what is silent itself shows nothing about a link.
 */
export async function probeAll(ctx: RunContext, conditions: readonly LinkCondition[], book: LinkBook): Promise<Round> {
  const peers = peersOf(conditions);
  const inForce = book.inForce();
  const longest = inForce.reduce((most, { delayMs, jitterMs }) => Math.max(most, delayMs + jitterMs), 0);
  const nodes = ctx.cluster.running().filter(({ planned }) => peers.has(planned.name));
  const before = await awake(ctx, conditions);
  const answers = await Promise.all(nodes.map((node) => roundTrips(ctx, node, 2 * longest + PROBE_SLACK_MS)));
  const after = await awake(ctx, conditions);
  if (book.inForce() !== inForce) return { failed: "links have just changed" };
  const failed = answers.find((answer) => "failed" in answer);
  if (failed && answers.every((answer) => "failed" in answer)) return failed;
  const stayed = (name: string) => before.has(name) && before.get(name) === after.get(name);
  const trips = answers.flatMap((answer, i) => {
    const from = nodes[i]?.planned.name ?? "";
    if ("failed" in answer || !stayed(from)) return [];
    return Object.entries(answer.trips).flatMap(([to, ms]) =>
      peers.get(from)?.has(to) && stayed(to) ? [{ from, to, ms }] : [],
    );
  });
  return { trips, inForce };
}

/** Whom each node sends to under conditions. */
export function peersOf(conditions: readonly LinkCondition[]): ReadonlyMap<string, ReadonlySet<string>> {
  const peers = new Map<string, Set<string>>();
  for (const { from, to } of conditions) peers.set(from, (peers.get(from) ?? new Set()).add(to));
  return peers;
}

/** Conditions by `from>to`. */
export type Pairs = ReadonlyMap<string, LinkCondition>;

export function byPair(conditions: readonly LinkCondition[]): Pairs {
  return new Map(conditions.map((condition) => [`${condition.from}>${condition.to}`, condition]));
}

/** What a trip is under, there and back. */
export function bothWays({ from, to }: Trip, pairs: Pairs): readonly LinkCondition[] {
  return [pairs.get(`${from}>${to}`), pairs.get(`${to}>${from}`)].filter((one) => one !== undefined);
}

/** The ends of links that run now, by name, with what tells one start from the next. */
async function awake(
  { cluster }: RunContext,
  conditions: readonly LinkCondition[],
): Promise<ReadonlyMap<string, string>> {
  const names = [...new Set(conditions.flatMap(({ from, to }) => [from, to]))];
  const looks = await Promise.all(names.map(async (name) => ({ name, ...(await cluster.observe(name)) })));
  return new Map(
    looks.flatMap(({ name, paused, identity }) => (identity !== null && !paused ? [[name, identity]] : [])),
  );
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
