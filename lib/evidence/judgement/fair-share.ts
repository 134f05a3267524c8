import { CountDistribution } from "../../core/statistics/count-distribution.ts";

/** Fewest and most blocks that chance leaves one leader. */
export interface ShareLimits {
  readonly expected: number;
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * Probability, for each leader, that the block of a slot is its own when all take part: it wins the slot, and of all
 * that win it has the smallest header id, which is equally likely for each of them. With `N` other winners that is
 * `win x E[1 / (1 + N)]`.
 * @param win probability of each to win a slot
 */
export function shares(win: readonly number[]): readonly number[] {
  const known = new Map<number, number>();
  return win.map((own, i) => {
    const share = known.get(own) ?? own * meanPart(win.filter((_, j) => j !== i));
    known.set(own, share);
    return share;
  });
}

/** E[1 / (1 + N)] of the number N of winners among these. */
function meanPart(win: readonly number[]): number {
  let mass = [1];
  for (const p of win) {
    const next = new Array<number>(mass.length + 1).fill(0);
    for (const [n, chance] of mass.entries()) {
      next[n] = (next[n] ?? 0) + chance * (1 - p);
      next[n + 1] = (next[n + 1] ?? 0) + chance * p;
    }
    mass = next;
  }
  return mass.reduce((sum, chance, n) => sum + chance / (1 + n), 0);
}

/**
 * Limits that a fair leader misses with at most `alpha` on each side.
 * @param together slots in which all leaders take part
 * @param apart other slots: the leader may have all that it wins, or nothing
 * @param share its probability for a slot of the first kind
 * @param win its probability to win a slot
 */
export function shareLimits(
  { together, apart }: { readonly together: number; readonly apart: number },
  { share, win }: { readonly share: number; readonly win: number },
  alpha: number,
): ShareLimits {
  const least = new CountDistribution(new Array<number>(together).fill(share));
  const most = new CountDistribution([
    ...new Array<number>(together).fill(share),
    ...new Array<number>(apart).fill(win),
  ]);
  let maximum = Math.floor(most.mean);
  while (most.atLeast(maximum + 1) > alpha) maximum += 1;
  return { expected: least.mean, minimum: least.lowerQuantile(alpha), maximum };
}
