import type { Look } from "../../../core/wait.ts";
import type { LinkCondition } from "../../../model/cluster.ts";
import type { RunContext } from "../../../model/run-context.ts";
import type { LinkBook } from "../link-book.ts";
import { bothWays, byPair, type Pairs, probeAll, type Trip } from "./probes.ts";

/**
 * Sees loss in probes that don't come back. Where all messages are to be lost, none may; else the share that is lost must
 * be nearer to what is expected with the fault than to what other faults lose without it. Clear links lose none.
 */
export function createLossObserver(book: LinkBook) {
  let others: Pairs = new Map();
  const tally = { sent: 0, lost: 0, expected: 0, withoutIt: 0 };
  return {
    /** Notes what other faults lose. */
    before(): void {
      others = byPair(book.inForce());
    },

    async look(ctx: RunContext, conditions: readonly LinkCondition[]): Promise<Look<string>> {
      const round = await probeAll(ctx, conditions, book);
      if ("failed" in round) return { done: false, seen: round.failed };
      const lost = round.trips.filter(({ ms }) => ms === null).length;
      tally.sent += round.trips.length;
      tally.lost += lost;
      const all = byPair(round.inForce);
      for (const trip of round.trips) {
        tally.expected += chanceOfLoss(trip, all);
        tally.withoutIt += chanceOfLoss(trip, others);
      }
      const seen = `${tally.lost} of ${tally.sent} probes were lost`;
      const total = conditions.every(({ loss }) => loss === 1);
      const done = total
        ? round.trips.length > 0 && lost === round.trips.length
        : tally.lost > 0 && tally.lost >= (tally.expected + tally.withoutIt) / 2;
      return done ? { done: true, value: seen } : { done: false, seen };
    },
  };
}

/** Probability that a probe gets lost, there or back. */
function chanceOfLoss(trip: Trip, pairs: Pairs): number {
  return 1 - bothWays(trip, pairs).reduce((survives, { loss }) => survives * (1 - loss), 1);
}
