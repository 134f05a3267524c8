import * as v from "valibot";
import { MAX_BLOCK_TXS } from "../../chain/ledger.ts";
import type { Plan, PlannedPiece } from "../../model/plan.ts";
import type { Forecast, Objection, WorkloadFactory } from "../../model/workload.ts";
import { TransactionsOptionsSchema } from "../../plan/options.ts";
import { TransactionsWorkload } from "./driver.ts";
import { FREE_DEPTH } from "./lanes.ts";

/** Mean blocks from a transaction's start to its inclusion: it waits for the next block. */
const INCLUSION_BLOCKS = 1;

/** Blocks for which a transaction takes its wallet. */
const TAKEN_BLOCKS = INCLUSION_BLOCKS + FREE_DEPTH;

/** Transactions between wallets, at a rate per block. */
export const transactions: WorkloadFactory = {
  kind: "transactions",

  describe(piece, plan, forecast) {
    const { rate } = v.parse(TransactionsOptionsSchema, piece.options);
    const users = usersOf(piece, plan);
    const perSecond = (1_000 * rate) / forecast.blockIntervalMs;
    const count = Math.ceil((forecast.driveSlots * plan.consensus.slotMs * rate) / forecast.blockIntervalMs);
    return [
      `${rate} transactions per block (${round(perSecond)} per second, about ${count} in all) from ${users} wallets, ` +
        `which carry up to ${round(users / TAKEN_BLOCKS)} per block`,
    ];
  },

  needs: () => [],

  object: (piece, plan, forecast) => objections(piece, plan, forecast),

  expectations: () => [{ kind: "transaction-inclusion", name: "transaction-inclusion", options: {} }],

  create: (piece) => new TransactionsWorkload(piece.name, v.parse(TransactionsOptionsSchema, piece.options)),
};

function usersOf(piece: PlannedPiece, plan: Plan): number {
  const { users } = v.parse(TransactionsOptionsSchema, piece.options);
  return users ?? plan.wallets.count;
}

function objections(piece: PlannedPiece, plan: Plan, forecast: Forecast): readonly Objection[] {
  const { rate } = v.parse(TransactionsOptionsSchema, piece.options);
  const users = usersOf(piece, plan);
  if (plan.wallets.count === 0) {
    return [
      impossible("users", "transactions need wallets, and the plan has none", "Add .wallets(n) to the scenario."),
    ];
  }
  const found: Objection[] = [];
  if (users > plan.wallets.count) {
    found.push(
      impossible(
        "users",
        `${users} users can't take part, as the plan has ${plan.wallets.count} wallets`,
        `Write .wallets(${users}), or at most ${plan.wallets.count} users.`,
      ),
    );
  }
  const carried = Math.min(users, plan.wallets.count) / TAKEN_BLOCKS;
  if (rate > carried) {
    const enough = Math.ceil(rate * TAKEN_BLOCKS);
    found.push(
      impossible(
        "rate",
        `${rate} transactions per block are more than ${Math.min(users, plan.wallets.count)} wallets carry: each has one under way, ` +
          `for about ${INCLUSION_BLOCKS} block to be included and ${FREE_DEPTH} to be deep, which makes ${round(carried)} per block`,
        `Use ${enough} wallets or more, or a rate of at most ${round(carried)}.`,
      ),
    );
  }
  if (rate > MAX_BLOCK_TXS) {
    found.push(
      impossible(
        "rate",
        `${rate} transactions per block don't fit, as a block holds ${MAX_BLOCK_TXS}`,
        `Use a rate of at most ${MAX_BLOCK_TXS}.`,
      ),
    );
  }
  if (plan.durationMs < forecast.blockIntervalMs / rate) {
    found.push(
      impossible(
        "rate",
        `at ${rate} transactions per block the first two are ${round(forecast.blockIntervalMs / rate / 1_000)}s apart, longer than the run`,
        "Use a higher rate or a longer run.",
      ),
    );
  }
  return found;
}

function impossible(path: string, message: string, hint: string): Objection {
  return { code: "NR-PLAN-IMPOSSIBLE", path, message, hint };
}

/** Two digits after the point, downwards, so that a limit that is quoted is within it. */
function round(value: number): number {
  return Math.floor(value * 100 + 1e-6) / 100;
}
