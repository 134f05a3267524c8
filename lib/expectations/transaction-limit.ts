import * as v from "valibot";
import { formatDuration } from "../core/duration.ts";
import { foldProbes, type ProbeEvidence } from "../evidence/folds/probes.ts";
import type { Window } from "../evidence/folds/window.ts";
import { type LimitInterval, type LimitSearch, limitInterval, nextRate } from "../evidence/judgement/limit-search.ts";
import type { Evidence, ExpectationFactory } from "../model/expectation.ts";
import type { Plan } from "../model/plan.ts";
import type { Judgement, Outcome } from "../model/verdict.ts";
import { figure } from "../plan/figure.ts";
import { type TransactionLimitOptions, TransactionLimitOptionsSchema } from "../plan/options.ts";
import { type RateUnit, TransactionsOptionsSchema } from "../plan/transactions-options.ts";
import { inWindow, listed, percentText, undecided } from "./findings.ts";

/** What is looked for, and by what the rates count. */
interface Sought {
  readonly search: LimitSearch;
  readonly withinMs: number;
  readonly per: RateUnit;
  readonly atLeast: number | null;
}

/** The highest rate that the network sustains, as `findLimit` searched it. */
export const transactionLimit: ExpectationFactory = {
  kind: "transaction-limit",

  figures: () => ["low", "high", "probes"],

  describe(piece, plan) {
    const sought = soughtIn(plan, v.parse(TransactionLimitOptionsSchema, piece.options));
    if (sought === null) return ["no search to judge"];
    const { search, withinMs, per, atLeast } = sought;
    const least = atLeast === null ? "" : `, at least ${figure(atLeast)} per ${per}`;
    return [
      `the highest rate at which ${figure(search.percentile)} % are included within ${formatDuration(withinMs)}, known to ${figure(100 * search.precision)} % with ${figure(100 * search.confidence)} % confidence${least}`,
    ];
  },

  object(piece, plan) {
    if (soughtIn(plan, v.parse(TransactionLimitOptionsSchema, piece.options)) !== null) return [];
    return [
      {
        code: "NR-PLAN-EXPECTATION",
        path: "options",
        message: "transaction-limit has nothing to judge: the plan searches no limit",
        hint: "Call findLimit on the transactions, or leave out the expectation.",
      },
    ];
  },

  create(piece, plan) {
    const options = v.parse(TransactionLimitOptionsSchema, piece.options);
    return {
      name: piece.name,
      judge: (evidence) => {
        const sought = soughtIn(plan, options);
        if (sought === null) return undecided("the plan searches no limit");
        return inWindow(evidence, (window) => judge(evidence, window, sought));
      },
    };
  },
};

function soughtIn(plan: Plan, options: TransactionLimitOptions): Sought | null {
  const piece = plan.workloads.find(({ kind, custom }) => kind === "transactions" && !custom);
  if (!piece) return null;
  const { limit, per } = v.parse(TransactionsOptionsSchema, piece.options);
  if (limit === null) return null;
  const search = { ...limit, percentile: options.percentile ?? limit.percentile };
  return { search, withinMs: options.withinMs ?? limit.withinMs, per, atLeast: options.atLeast };
}

function judge(evidence: Evidence, window: Window, sought: Sought): Judgement {
  const { search, withinMs, per, atLeast } = sought;
  const probes = foldProbes(evidence.events, window, search, withinMs);
  const interval = limitInterval(search, probes);
  const { outcome, why } = outcomeOf(interval, probes, sought);
  const aim = `${figure(search.percentile)} % included within ${formatDuration(withinMs)}`;
  return {
    outcome,
    summary: `${why}; ${aim}, ${probes.length} rates tried`,
    figures: { low: interval.low, high: interval.high, per, closed: interval.closed, probes: probes.length },
    limits: {
      percentile: search.percentile,
      withinMs,
      precision: search.precision,
      confidence: search.confidence,
      atLeast,
    },
    findings: listed(probes.map((probe) => finding(probe, per))),
  };
}

function outcomeOf(
  interval: LimitInterval,
  probes: readonly ProbeEvidence[],
  { search, per, atLeast }: Sought,
): { readonly outcome: Outcome; readonly why: string } {
  const { low, high, closed, contradictory } = interval;
  const between = `${placeOf(low, high)} transactions per ${per}`;
  if (contradictory) {
    return {
      outcome: "inconclusive",
      why: `${figure(low ?? 0)} transactions per ${per} were sustained and ${figure(high ?? 0)} were not: the network changed in between`,
    };
  }
  if (atLeast !== null && high !== null && high <= atLeast) {
    return { outcome: "failed", why: `${between}, and at least ${figure(atLeast)} are wanted` };
  }
  if (atLeast !== null && low !== null && low >= atLeast) return { outcome: "passed", why: between };
  if (closed && atLeast === null) return { outcome: "passed", why: between };
  return { outcome: "inconclusive", why: `${between}: ${openBecause(interval, probes, search, per)}` };
}

function placeOf(low: number | null, high: number | null): string {
  if (low === null) return high === null ? "nothing is known of the limit in" : `the limit lies below ${figure(high)}`;
  return high === null
    ? `the limit lies above ${figure(low)}`
    : `the limit lies between ${figure(low)} and ${figure(high)}`;
}

/** Why an interval did not close. */
function openBecause(
  { low, high, closed }: LimitInterval,
  probes: readonly ProbeEvidence[],
  search: LimitSearch,
  per: RateUnit,
): string {
  if (closed) return "the rate wanted lies in it";
  const spoilt = probes.find(({ generatorPercent, outcome }) => outcome === "undecided" && generatorPercent > 1);
  if (probes.length === 0) return "no rate was tried to its end";
  if (spoilt) return `the generator could not keep ${figure(spoilt.rate)} per ${per}`;
  const stuck = probes.find(({ event }) => !event.drained);
  if (stuck) return `the network did not get over ${figure(stuck.rate)} per ${per}, so nothing more was tried`;
  if (low === null) return `not even ${figure(search.from)}, the lowest rate, was shown to be sustained`;
  if (high === null) return `${figure(search.to)}, the highest rate, was not shown to be too much; search higher`;
  return nextRate(search, probes) === null
    ? "rates in it showed neither; search with a lower precision"
    : "the drive ended before the search did";
}

function finding({ event, rate, of, inTime, generatorPercent, outcome }: ProbeEvidence, per: RateUnit): string {
  const spoilt =
    generatorPercent === 0 ? "" : `, the generator itself was late with ${percentText(generatorPercent)} of the starts`;
  const drained = event.drained ? "" : ", and the chain did not get over it";
  return `${figure(rate)} per ${per}: ${outcome}, ${inTime} of ${of} in time${spoilt}${drained}`;
}
