import * as v from "valibot";
import { MAX_BLOCK_TXS } from "../../chain/ledger.ts";
import { formatDuration } from "../../core/duration.ts";
import type { Plan, PlannedPiece } from "../../model/plan.ts";
import type { Forecast, Objection, WorkloadFactory } from "../../model/workload.ts";
import { sustainableTxRate } from "../../plan/capacity.ts";
import { figure } from "../../plan/figure.ts";
import type { LimitOptions } from "../../plan/limit-options.ts";
import { limitTimes } from "../../plan/limit-times.ts";
import { intendedWithin, type LoadStage, loadStages, peakRate, ratePerBlock, ratePerMs } from "../../plan/load.ts";
import { type TransactionsOptions, TransactionsOptionsSchema } from "../../plan/transactions-options.ts";
import { TransactionsWorkload } from "./driver.ts";

/** Transactions between wallets, at a rate per block. */
export const transactions: WorkloadFactory = {
  kind: "transactions",

  describe(piece, plan, forecast) {
    const options = optionsOf(piece);
    const wallets = options.users ?? plan.wallets.count;
    const { blockIntervalMs } = forecast;
    const stages = loadStages(options);
    if (options.limit !== null)
      return [...searchText(options.limit, options, plan, blockIntervalMs, carried(wallets)), ...contentOf(options)];
    const count = Math.ceil(intendedWithin(stages, plan.durationMs, blockIntervalMs));
    if (options.stages.length === 0) {
      return [
        `${ratesText(stages[0] as LoadStage, blockIntervalMs, `${count} in all`)} ${carried(wallets)}`,
        ...contentOf(options),
      ];
    }
    return [
      `${count} transactions in ${stages.length} stages ${carried(wallets)}`,
      ...stages.map(
        (stage, i) => `stage ${i + 1}: ${formatDuration(stage.forMs)}, ${ratesText(stage, blockIntervalMs)}`,
      ),
      ...contentOf(options),
    ];
  },

  needs: () => [],
  object: objections,
  expectations: (piece) => {
    const inclusion = { kind: "transaction-inclusion", name: "transaction-inclusion" };
    if (optionsOf(piece).limit === null) return [{ ...inclusion, options: {} }];
    // A search also tries rates that are too high: what is refused and missed at those proves nothing wrong.
    return [
      { kind: "transaction-limit", name: "transaction-limit", options: {} },
      { ...inclusion, options: { maxRefusedPercent: 100, maxMissedOrLatePercent: 100 } },
    ];
  },
  create: (piece) => new TransactionsWorkload(piece.name, optionsOf(piece)),
};

function optionsOf(piece: PlannedPiece): TransactionsOptions {
  return v.parse(TransactionsOptionsSchema, piece.options);
}

function carried(wallets: number): string {
  return `from ${wallets} wallets, which carry up to ${figure(sustainableTxRate(wallets))} per block`;
}

function searchText(
  limit: LimitOptions,
  { per }: TransactionsOptions,
  { consensus }: Plan,
  blockIntervalMs: number,
  by: string,
): string[] {
  const { probes, samples, warmUpMs, totalMs } = limitTimes(limit, per, consensus.slotMs, blockIntervalMs);
  return [
    `searches the highest rate from ${figure(limit.from)} to ${figure(limit.to)} transactions per ${per} ${by}`,
    `at most ${probes} rates, each for ${formatDuration(Math.round(warmUpMs))} and ${samples} slots that count: up to ${formatDuration(Math.round(totalMs))} in all`,
  ];
}

function contentOf({ othersPercent, invalid }: TransactionsOptions): string[] {
  const others = othersPercent === 0 ? [] : [`${figure(othersPercent)} % of the transfers go to other wallets`];
  if (invalid.percent === 0) return others;
  return [...others, `${figure(invalid.percent)} % of the starts are invalid, in turn: ${invalid.kinds.join(", ")}`];
}

/** `5 transactions per block (2.26 per second)`; both ends of a rate that changes. */
function ratesText({ rate, to, per }: LoadStage, blockIntervalMs: number, more = ""): string {
  const range = (from: number, until: number) =>
    from === until ? figure(from) : `${figure(from)} to ${figure(until)}`;
  const other =
    per === "block"
      ? `${range(1_000 * ratePerMs(rate, per, blockIntervalMs), 1_000 * ratePerMs(to, per, blockIntervalMs))} per second`
      : `${range(ratePerBlock(rate, per, blockIntervalMs), ratePerBlock(to, per, blockIntervalMs))} per block`;
  return `${range(rate, to)} transactions per ${per} (${other}${more === "" ? "" : `, ${more}`})`;
}

/** Whether the wallets carry the rate was checked before; here is what depends on the chain. */
function objections(piece: PlannedPiece, plan: Plan, { blockIntervalMs }: Forecast): readonly Objection[] {
  const options = optionsOf(piece);
  const stages = loadStages(options);
  const crowded = stages.flatMap((stage): Objection[] => {
    const peak = ratePerBlock(peakRate(stage), stage.per, blockIntervalMs);
    if (peak <= MAX_BLOCK_TXS) return [];
    return [
      {
        code: "NR-PLAN-IMPOSSIBLE",
        path: `options.${stage.path}`,
        message: `${figure(peak)} transactions per block don't fit: a block holds ${MAX_BLOCK_TXS}`,
        hint: `Use a rate of at most ${MAX_BLOCK_TXS}${stage.per === "block" ? "" : " per block"}.`,
      },
    ];
  });
  return [
    ...crowded,
    ...(options.limit !== null
      ? tooLongASearch(options.limit, options, plan, blockIntervalMs)
      : options.stages.length === 0
        ? tooRare(options, plan, blockIntervalMs)
        : tooLong(stages, plan)),
  ];
}

function tooRare({ rate, per }: TransactionsOptions, { durationMs }: Plan, blockIntervalMs: number): Objection[] {
  const distance = 1 / ratePerMs(rate, per, blockIntervalMs);
  if (durationMs >= distance) return [];
  return [
    {
      code: "NR-PLAN-IMPOSSIBLE",
      path: "options.rate",
      message: `at ${rate} transactions per ${per} the second comes after ${formatDuration(distance)}, and the run drives for ${formatDuration(durationMs)}`,
      hint: "Use a higher rate, or a longer withRunDuration.",
    },
  ];
}

/** A search that the drive may cut off would be paid for and have no answer. */
function tooLongASearch(
  limit: LimitOptions,
  { per }: TransactionsOptions,
  { durationMs, consensus, timeScale }: Plan,
  blockIntervalMs: number,
): Objection[] {
  const { probes, totalMs } = limitTimes(limit, per, consensus.slotMs, blockIntervalMs);
  if (durationMs >= totalMs) return [];
  const written = Math.ceil(totalMs / timeScale / 60_000);
  return [
    {
      code: "NR-PLAN-IMPOSSIBLE",
      path: "options.limit",
      message: `the search tries up to ${probes} rates and may take ${formatDuration(Math.ceil(totalMs / 1_000) * 1_000)}, and the run drives for ${formatDuration(durationMs)}`,
      hint: `Use withRunDuration("${written}m"), a shorter time until inclusion, a narrower range, or a lower precision.`,
    },
  ];
}

/** Stages that the drive would cut off would show nothing of what they are for. */
function tooLong(stages: readonly LoadStage[], { durationMs }: Plan): Objection[] {
  const length = stages.reduce((sum, { forMs }) => sum + forMs, 0);
  // Fractions of a millisecond can come of scaling.
  if (length <= durationMs + 1) return [];
  return [
    {
      code: "NR-PLAN-IMPOSSIBLE",
      path: "options.stages",
      message: `the stages last ${formatDuration(length)}, and the run drives for ${formatDuration(durationMs)}`,
      hint: `Use a run of at least ${formatDuration(length)}, or shorter stages.`,
    },
  ];
}
