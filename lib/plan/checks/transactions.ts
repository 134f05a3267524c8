import { formatDuration } from "../../core/duration.ts";
import { MEAN_INCLUSION_BLOCKS, REUSE_DEPTH_BLOCKS, sustainableTxRate, usersFor } from "../capacity.ts";
import { figure } from "../figure.ts";
import type { LimitOptions } from "../limit-options.ts";
import { triableRate, usersToTry } from "../limit-times.ts";
import { type LoadStage, loadStages, peakRate, ratePerBlock } from "../load.ts";
import type { Finding } from "../problem.ts";
import type { TransactionsOptions } from "../transactions-options.ts";

/**
 * Whether the wallets can carry the transactions, stage by stage.
 * @param path where the workload is in the plan
 * @param blockIntervalMs mean time between blocks; null before it can be known, which leaves rates per second unchecked
 */
export function checkTransactions(
  path: string,
  options: TransactionsOptions,
  wallets: number,
  blockIntervalMs: number | null,
): Finding[] {
  const stages = loadStages(options).filter(({ per }) => per === "block" || blockIntervalMs !== null);
  const perBlock = (stage: LoadStage) => ratePerBlock(peakRate(stage), stage.per, blockIntervalMs ?? Number.NaN);
  if (wallets === 0) {
    const enough = Math.max(1, options.users ?? 1, ...stages.map((stage) => usersFor(perBlock(stage))));
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
  if (options.othersPercent > 0 && (options.users ?? wallets) === 1) {
    return [
      {
        code: "NR-PLAN-WALLETS",
        path: `${path}.options.othersPercent`,
        message: "transfers to other wallets need two of them, and one takes part",
        hint: options.users === null ? "Call wallets(2)." : "Use users(2), or leave out mix.",
      },
    ];
  }
  if (options.limit !== null) return checkLimit(path, options, options.limit, wallets, blockIntervalMs);
  const silent = loadStages(options).every((stage) => peakRate(stage) === 0);
  if (silent) {
    return [
      {
        code: "NR-PLAN-VALUE",
        path: `${path}.options.stages`,
        message: "every stage has the rate 0, so nothing would be sent",
        hint: "Give one of them a rate above 0.",
      },
    ];
  }
  return stages.flatMap((stage) => tooFast(path, stage, perBlock(stage), options, wallets) ?? []);
}

function tooFast(
  path: string,
  stage: LoadStage,
  perBlock: number,
  options: TransactionsOptions,
  wallets: number,
): Finding | undefined {
  const users = options.users ?? wallets;
  const sustainable = sustainableTxRate(users);
  if (perBlock <= sustainable) return undefined;
  const busy = MEAN_INCLUSION_BLOCKS + REUSE_DEPTH_BLOCKS;
  const peak = peakRate(stage);
  const rate = `${figure(peak)} transactions per ${stage.per}${stage.per === "second" ? `, ${figure(perBlock)} per block,` : ""}`;
  const where = stage.path === "rate" ? "" : `stage ${Number(stage.path.split(".")[1]) + 1}: `;
  const method = stage.path !== "rate" ? "a rate of " : stage.per === "second" ? "ratePerSecond(" : "rate(";
  const most = `${method}${floored((sustainable * peak) / perBlock)}${stage.path === "rate" ? ")" : " at most"}`;
  return {
    code: "NR-PLAN-TX-RATE",
    path: `${path}.options.${stage.path}`,
    message:
      `${where}${rate} are more than ${users} wallets can carry: ` +
      `each is busy for ${busy} blocks (${MEAN_INCLUSION_BLOCKS} until inclusion, ${REUSE_DEPTH_BLOCKS} on top), which allows ${figure(sustainable)}${stage.per === "second" ? " per block" : ""}`,
    hint: `Use ${enough(usersFor(perBlock), options, wallets)}, or ${most}.`,
  };
}

/** The calls that give the load as many wallets as it needs. */
function enough(needed: number, { users }: TransactionsOptions, wallets: number): string {
  if (users === null) return `wallets(${needed})`;
  return needed <= wallets ? `users(${needed})` : `wallets(${needed}) and users(${needed})`;
}

/** At most two decimals, never above the value. */
function floored(rate: number): number {
  return Math.floor(rate * 100) / 100;
}

/** Whether the wallets can carry every rate that a search may try, with each of them under way as long as it may be. */
function checkLimit(
  path: string,
  options: TransactionsOptions,
  limit: LimitOptions,
  wallets: number,
  blockIntervalMs: number | null,
): Finding[] {
  const { per } = options;
  if (limit.to <= limit.from) {
    return [
      {
        code: "NR-PLAN-VALUE",
        path: `${path}.options.limit.to`,
        message: `the search goes from ${figure(limit.from)} to ${figure(limit.to)} transactions per ${per}, which is no range`,
        hint: "Use a `to` above `from`.",
      },
    ];
  }
  if (blockIntervalMs === null) return [];
  const users = options.users ?? wallets;
  const needed = usersToTry(limit, per, blockIntervalMs);
  if (users >= needed) return [];
  const most = floored(triableRate(limit, per, users, blockIntervalMs));
  const lower = most > limit.from ? `, or to: ${most}` : "";
  return [
    {
      code: "NR-PLAN-TX-RATE",
      path: `${path}.options.limit.to`,
      message:
        `a search up to ${figure(limit.to)} transactions per ${per} can have more of them under way than ${users} wallets: ` +
        `each may take ${formatDuration(limit.withinMs)} (${figure(limit.withinMs / blockIntervalMs)} blocks) until inclusion, and ${REUSE_DEPTH_BLOCKS} blocks on top`,
      hint: `Use ${enough(needed, options, wallets)}${lower}, or a shorter time.`,
    },
  ];
}
