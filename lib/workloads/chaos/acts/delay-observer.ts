import type { Look } from "../../../core/wait.ts";
import type { LinkCondition } from "../../../model/cluster.ts";
import type { RunContext } from "../../../model/run-context.ts";
import type { LinkBook } from "../link-book.ts";
import { bothWays, byPair, type Pairs, probeAll, type Trip } from "./probes.ts";

/** Rounds of probes before and during a delay that are compared; one does where every trip is clearly longer than before. */
const ROUNDS = 5;
/** A timer may fire this much early, as clocks are read in whole ms. */
const TIMER_MS = 2;

/**
 * Sees a delay in round trips. None may be shorter than what both directions hold back, and against the round trips from
 * before the fault, with what other faults hold back taken off both, the middle one must be longer by at least half of
 * what is expected: so a delay below the links' own unrest is told from none at all.
 */
export function createDelayObserver(book: LinkBook) {
  const before: number[] = [];
  const during: number[] = [];
  let rounds = 0;
  let shortest: Trip | null = null;
  return {
    /** Measures the links as they are without the fault, for about a slot at most. */
    async before(ctx: RunContext, conditions: readonly LinkCondition[]): Promise<void> {
      const began = ctx.clock.now();
      for (let i = 0; i === 0 || (i < ROUNDS && ctx.clock.now() - began < ctx.plan.consensus.slotMs); i++) {
        const round = await probeAll(ctx, conditions, book);
        if ("failed" in round) continue;
        const others = byPair(round.inForce);
        for (const trip of round.trips) if (trip.ms !== null) before.push(trip.ms - expected(trip, others));
      }
    },

    async look(ctx: RunContext, conditions: readonly LinkCondition[]): Promise<Look<string>> {
      const round = await probeAll(ctx, conditions, book);
      if ("failed" in round) return { done: false, seen: round.failed };
      const all = byPair(round.inForce);
      const known = round.trips.filter(({ ms }) => ms !== null);
      if (known.length === 0) return { done: false, seen: "no probe came back" };
      for (const trip of known) {
        const ms = trip.ms ?? 0;
        if (ms < least(trip, all) - TIMER_MS) return { done: false, seen: shown(trip) };
        if (shortest === null || ms < (shortest.ms ?? 0)) shortest = trip;
        during.push(ms - expected(trip, all));
      }
      rounds++;
      const own = byPair(conditions);
      const added = Math.min(...known.map((trip) => expected(trip, own)));
      const missing = before.length === 0 ? 0 : median(before) - median(during);
      const clear = before.length > 0 && Math.min(...during) + added / 2 > Math.max(...before);
      const seen = `${during.length} round trips, the shortest ${shortest ? shown(shortest) : ""}`;
      if (missing > added / 2)
        return { done: false, seen: `${seen}, ${Math.round(missing)} ms less than expected in the middle` };
      return rounds < ROUNDS && !clear
        ? { done: false, seen }
        : { done: true, value: `${seen}, ${Math.round(added)} ms more than before` };
    },
  };
}

/** Ms that conditions hold back a trip at least. */
function least(trip: Trip, pairs: Pairs): number {
  return bothWays(trip, pairs).reduce((sum, { delayMs }) => sum + delayMs, 0);
}

/** Ms that they hold it back on average. */
function expected(trip: Trip, pairs: Pairs): number {
  return bothWays(trip, pairs).reduce((sum, { delayMs, jitterMs }) => sum + delayMs + jitterMs / 2, 0);
}

function shown({ from, to, ms }: Trip): string {
  return `${from} to ${to} and back in ${Math.round(ms ?? 0)} ms`;
}

/** The upper one of two in the middle. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
