import { createSharedMemo } from "../../lib/devnet/machine/shared-memo.ts";
import { scenario } from "../../lib/index.ts";
import type { Judgement } from "../../lib/model/verdict.ts";
import type { ConductedRun } from "../support/conduct-run.ts";
import type { Tampering } from "../support/virtual-cluster.ts";
import { runVirtually } from "../support/virtual-run.ts";

const VALIDATORS = [1, 2, 3, 5] as const;
const WALLETS = [0, 50, 1_000] as const;

export interface SeriesResult {
  readonly runs: number;
  /** Runs that did not pass, described. */
  readonly alarms: readonly string[];
  /** Blocks in all judged windows, what the plans forecast for these windows, and its standard deviation. */
  readonly blocks: number;
  readonly expected: number;
  readonly sigma: number;
}

/** Healthy runs over all sizes in turn, in virtual time, with traffic where there are wallets. */
export async function healthySeries(runs: number, seed: string): Promise<SeriesResult> {
  const alarms: string[] = [];
  let blocks = 0;
  let expected = 0;
  let variance = 0;
  const memos = VALIDATORS.map(() => createSharedMemo());
  for (let n = 0; n < runs; n++) {
    const size = n % VALIDATORS.length;
    const validators = VALIDATORS[size] ?? 1;
    const wallets = WALLETS[Math.floor(n / VALIDATORS.length) % WALLETS.length] ?? 0;
    const run = await runVirtually(planOf(validators, wallets), {
      seed: `${seed}-${n}`,
      ...(memos[size] ? { memo: memos[size] } : {}),
    });
    if (run.verdict !== "passed") alarms.push(`run ${n}, ${validators} validators, ${wallets} wallets: ${run.why}`);
    const { figures } = livenessOf(run);
    const slots = Number(figures.slots);
    const p = Number(figures.expectedBlocks) / slots;
    blocks += Number(figures.blocks);
    expected += Number(figures.expectedBlocks);
    variance += slots * p * (1 - p);
  }
  return { runs, alarms, blocks, expected, sigma: Math.sqrt(variance) };
}

/** How many of these runs liveness failed, of chains that are tampered with. */
export async function caughtOf(
  runs: number,
  seed: string,
  tampering: Tampering,
): Promise<{ caught: number; power: number }> {
  let caught = 0;
  let power = 0;
  for (let n = 0; n < runs; n++) {
    const judged = livenessOf(await runVirtually(planOf(3, 0), { seed: `${seed}-${n}`, tampering }));
    if (judged.outcome === "failed") caught += 1;
    power += Number(judged.figures.powerAtHalfSpeed) / runs;
  }
  return { caught, power };
}

/** Nodes whose lottery is won half as often as the plan says: 1 - (1 - f') = (1 - (1 - f)) / 2. */
export const HALF_SPEED: Tampering = { consensus: (planned) => ({ ...planned, f: planned.f / 2 }) };

/** Nodes that answer and agree, but make no block from the middle of the drive on. */
export const STALLED: Tampering = {
  begin(network, cluster, clock) {
    const slots = 25;
    clock.at(clock.now() + slots * 2_000, () => {
      for (const { planned } of cluster.nodes()) network.pause(planned.name);
    });
  },
};

function planOf(validators: number, wallets: number) {
  const built = scenario("healthy").topologyWith((t) => t.networkStar().validators(validators));
  const seeded =
    wallets > 0 ? built.wallets(wallets).transactionsWith((txs) => txs.rate(2).users(Math.min(20, wallets))) : built;
  return seeded.expectConsensusLiveness().withRunDuration("90s").build();
}

function livenessOf(run: ConductedRun): Judgement {
  const judged = run.expectations.find(({ kind }) => kind === "liveness");
  if (!judged) throw new Error(`liveness was not judged: ${run.why}`);
  return judged;
}
