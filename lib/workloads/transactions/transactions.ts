import * as v from "valibot";
import { MAX_BLOCK_TXS } from "../../chain/ledger.ts";
import { formatDuration } from "../../core/duration.ts";
import type { Plan, PlannedPiece } from "../../model/plan.ts";
import type { Forecast, Objection, WorkloadFactory } from "../../model/workload.ts";
import { sustainableTxRate } from "../../plan/capacity.ts";
import { figure } from "../../plan/figure.ts";
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
    const count = Math.ceil(intendedWithin(stages, plan.durationMs, blockIntervalMs));
    const carried = `from ${wallets} wallets, which carry up to ${figure(sustainableTxRate(wallets))} per block`;
    if (options.stages.length === 0) {
      return [
        `${ratesText(stages[0] as LoadStage, blockIntervalMs, `${count} in all`)} ${carried}`,
        ...contentOf(options),
      ];
    }
    return [
      `${count} transactions in ${stages.length} stages ${carried}`,
      ...stages.map(
        (stage, i) => `stage ${i + 1}: ${formatDuration(stage.forMs)}, ${ratesText(stage, blockIntervalMs)}`,
      ),
      ...contentOf(options),
    ];
  },

  needs: () => [],
  object: objections,
  expectations: () => [{ kind: "transaction-inclusion", name: "transaction-inclusion", options: {} }],
  create: (piece) => new TransactionsWorkload(piece.name, optionsOf(piece)),
};

function optionsOf(piece: PlannedPiece): TransactionsOptions {
  return v.parse(TransactionsOptionsSchema, piece.options);
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
    ...(options.stages.length === 0 ? tooRare(options, plan, blockIntervalMs) : tooLong(stages, plan)),
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
