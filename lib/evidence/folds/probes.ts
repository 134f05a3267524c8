import type { EventOf, RunEvent } from "../../model/events.ts";
import { type LimitSearch, oneOfEachSlot, type ProbeOutcome, probeOutcome } from "../judgement/limit-search.ts";
import { foldTransactions, type TxLife } from "./transactions.ts";
import type { Window } from "./window.ts";

/** One rate of a search, and what came of the starts that it asked about. */
export interface ProbeEvidence {
  readonly event: EventOf<"limit.probe">;
  readonly rate: number;
  /** Starts asked about, one of each slot. */
  readonly of: number;
  /** Those of them whose transaction a block held in time. */
  readonly inTime: number;
  /** Share of all its counted starts that the generator itself missed or made more than a slot late, in percent. */
  readonly generatorPercent: number;
  readonly outcome: ProbeOutcome;
}

/** Most of a probe's starts, in percent, that the generator may spoil before the probe shows nothing. */
const MAX_GENERATOR_PERCENT = 1;

/** The probes of every search in the stream, as this search and this time in ms judge them. */
export function foldProbes(
  events: readonly RunEvent[],
  window: Window,
  search: LimitSearch,
  withinMs: number,
): readonly ProbeEvidence[] {
  const lives = Map.groupBy(
    foldTransactions(events, window.closedSeq).filter(({ invalid }) => invalid === null),
    ({ workload }) => workload,
  );
  const probes = events.filter((event) => event.type === "limit.probe");
  return probes.map((event) => {
    const counted = (lives.get(event.workload) ?? []).filter(
      ({ intended }) => intended >= event.countFrom && intended < event.countUntil,
    );
    const asked = oneOfEachSlot(counted, window);
    const inTime = asked.filter((life) => isInTime(life, withinMs)).length;
    const spoilt = counted.filter((life) => isSpoilt(life, window.slotMs)).length;
    const generatorPercent = counted.length === 0 ? 0 : (100 * spoilt) / counted.length;
    const seen = probeOutcome(search, inTime, asked.length);
    const outcome = generatorPercent <= MAX_GENERATOR_PERCENT ? seen : "undecided";
    return { event, rate: event.rate, of: asked.length, inTime, generatorPercent, outcome };
  });
}

function isInTime({ block, intended }: TxLife, withinMs: number): boolean {
  return block !== null && block.t - intended <= withinMs;
}

function isSpoilt({ startedAt, intended, missed, missedByGenerator }: TxLife, slotMs: number): boolean {
  if (missed !== null) return missedByGenerator;
  return startedAt !== null && startedAt - intended > slotMs;
}
