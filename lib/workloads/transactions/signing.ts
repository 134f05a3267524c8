import type { RunContext } from "../../model/run-context.ts";
import type { SignAhead } from "../../model/sign-ahead.ts";
import type { Wallet } from "../../model/wallets.ts";
import { loadStages, peakRate, ratePerMs } from "../../plan/load.ts";
import type { TransactionsOptions } from "../../plan/transactions-options.ts";

/**
 * Transactions per second from which on they are signed ahead. Signing takes about 0.1 ms each of the time in which starts
 * are made: below this rate that is two in a hundred.
 */
const AHEAD_FROM_PER_SECOND = 200;

const LOOK_MS = 10;
/** How long the first start waits for what it is to send. */
const FIRST_STOCK_MS = 2_000;

/**
 * Begins to sign the wallets' transfers ahead, where the rate asks for it, the run has the means, and every note stays
 * with its owner, so that the transfers are known. Resolves when half a second's worth is signed, or after 2 s: the first
 * starts would have to make their wallets' keys besides, and all behind them would be late.
 */
export async function signingAhead(
  options: TransactionsOptions,
  ctx: Pick<RunContext, "signAhead" | "clock" | "signal">,
  wallets: readonly Wallet[],
  blockIntervalMs: number,
): Promise<SignAhead | undefined> {
  const perSecond = peakPerSecond(options, blockIntervalMs);
  if (options.othersPercent > 0 || perSecond < AHEAD_FROM_PER_SECOND) return undefined;
  const ahead = ctx.signAhead?.(wallets);
  if (!ahead) return undefined;
  const { clock, signal } = ctx;
  const until = clock.now() + FIRST_STOCK_MS;
  const enough = Math.min(wallets.length, perSecond / 2);
  while (ahead.waiting < enough && clock.now() < until && !ahead.failed.aborted && !signal.aborted) {
    await clock.sleep(LOOK_MS);
  }
  return ahead;
}

/** Whether what is not signed ahead is signed on other threads: at the same rates, and never where time is virtual. */
export function signsBeside(
  options: TransactionsOptions,
  ctx: Pick<RunContext, "signAhead">,
  blockIntervalMs: number,
): boolean {
  return ctx.signAhead !== undefined && peakPerSecond(options, blockIntervalMs) >= AHEAD_FROM_PER_SECOND;
}

function peakPerSecond(options: TransactionsOptions, blockIntervalMs: number): number {
  const peaks = loadStages(options).map((stage) => ratePerMs(peakRate(stage), stage.per, blockIntervalMs));
  return 1_000 * Math.max(...peaks);
}

/**
 * Waits for the work that transfers are signed ahead for, and ends the signing with it.
 * @throws CodedError NR-HOST-SIGNER when the signing fails before; what the work throws
 */
export async function whileSigning(ahead: SignAhead | undefined, work: () => Promise<void>): Promise<void> {
  if (!ahead) return await work();
  const { failed } = ahead;
  const failure = Promise.withResolvers<never>();
  const fail = () => failure.reject(failed.reason);
  failed.addEventListener("abort", fail, { once: true });
  try {
    failed.throwIfAborted();
    await Promise.race([work(), failure.promise]);
  } finally {
    failed.removeEventListener("abort", fail);
    await ahead.close();
  }
}
