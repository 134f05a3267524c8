import * as v from "valibot";
import { MAX_BLOCK_TXS } from "../../chain/ledger.ts";
import { formatDuration } from "../../core/duration.ts";
import type { Plan, PlannedPiece } from "../../model/plan.ts";
import type { Forecast, Objection, WorkloadFactory } from "../../model/workload.ts";
import { sustainableTxRate } from "../../plan/capacity.ts";
import { type TransactionsOptions, TransactionsOptionsSchema } from "../../plan/options.ts";
import { TransactionsWorkload } from "./driver.ts";

/** Transactions between wallets, at a rate per block. */
export const transactions: WorkloadFactory = {
  kind: "transactions",

  describe(piece, plan, forecast) {
    const { rate, users } = optionsOf(piece);
    const wallets = users ?? plan.wallets.count;
    const count = Math.ceil((plan.durationMs * rate) / forecast.blockIntervalMs);
    const perSecond = (1_000 * rate) / forecast.blockIntervalMs;
    return [
      `${rate} transactions per block (${Number(perSecond.toPrecision(3))} per second, ${count} in all) from ${wallets} wallets, ` +
        `which carry up to ${Number(sustainableTxRate(wallets).toPrecision(3))} per block`,
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

/** Whether the wallets carry the rate was checked before; here is what depends on the chain. */
function objections(piece: PlannedPiece, plan: Plan, { blockIntervalMs }: Forecast): readonly Objection[] {
  const { rate } = optionsOf(piece);
  const found: Objection[] = [];
  if (rate > MAX_BLOCK_TXS) {
    found.push({
      code: "NR-PLAN-IMPOSSIBLE",
      path: "options.rate",
      message: `${rate} transactions per block don't fit: a block holds ${MAX_BLOCK_TXS}`,
      hint: `Use a rate of at most ${MAX_BLOCK_TXS}.`,
    });
  }
  if (plan.durationMs < blockIntervalMs / rate) {
    found.push({
      code: "NR-PLAN-IMPOSSIBLE",
      path: "options.rate",
      message: `at ${rate} transactions per block the second comes after ${formatDuration(blockIntervalMs / rate)}, and the run drives for ${formatDuration(plan.durationMs)}`,
      hint: "Use a higher rate, or a longer withRunDuration.",
    });
  }
  return found;
}
