import type { Plan } from "../../model/plan.ts";
import type { Finding } from "../problem.ts";

/** Whether each wallet gets a token. */
export function checkFunds(wallets: Plan["wallets"]): Finding[] {
  const { count, totalFunds } = wallets;
  if (totalFunds >= count) return [];
  return [
    {
      code: "NR-PLAN-FUNDS",
      path: "wallets.totalFunds",
      message: `${totalFunds} tokens are too few for ${count} wallets: each needs at least 1`,
      hint: `Use at least ${count} tokens, or at most ${totalFunds} wallets.`,
    },
  ];
}
