import { MEAN_INCLUSION_BLOCKS, REUSE_DEPTH_BLOCKS, sustainableTxRate, usersFor } from "../capacity.ts";
import { figure } from "../figure.ts";
import type { TransactionsOptions } from "../options.ts";
import type { Finding } from "../problem.ts";

/**
 * Whether the wallets can carry the transactions.
 * @param path where the workload is in the plan
 */
export function checkTransactions(path: string, options: TransactionsOptions, wallets: number): Finding[] {
  const { rate } = options;
  const enough = Math.max(usersFor(rate), options.users ?? 1);
  if (wallets === 0) {
    return [
      {
        code: "NR-PLAN-WALLETS",
        path,
        message: "transactions need wallets, and the plan has none",
        hint: `Call wallets(${enough}).`,
      },
    ];
  }
  if (options.users !== null && options.users > wallets) {
    return [
      {
        code: "NR-PLAN-WALLETS",
        path: `${path}.options.users`,
        message: `${options.users} users are more than the ${wallets} wallets`,
        hint: `Call wallets(${options.users}), or users(${wallets}).`,
      },
    ];
  }
  const users = options.users ?? wallets;
  const sustainable = sustainableTxRate(users);
  if (rate <= sustainable) return [];
  const busy = MEAN_INCLUSION_BLOCKS + REUSE_DEPTH_BLOCKS;
  const more = usersFor(rate);
  const grow =
    options.users === null
      ? `wallets(${more})`
      : more <= wallets
        ? `users(${more})`
        : `wallets(${more}) and users(${more})`;
  return [
    {
      code: "NR-PLAN-TX-RATE",
      path: `${path}.options.rate`,
      message:
        `${figure(rate)} transactions per block are more than ${users} wallets can carry: ` +
        `each is busy for ${busy} blocks (${MEAN_INCLUSION_BLOCKS} until inclusion, ${REUSE_DEPTH_BLOCKS} on top), which allows ${figure(sustainable)}`,
      hint: `Use ${grow}, or rate(${floored(sustainable)}).`,
    },
  ];
}

/** At most two decimals, never above the value. */
function floored(rate: number): number {
  return Math.floor(rate * 100) / 100;
}
