import { MAX_BLOCK_TXS } from "../chain/ledger.ts";
import { binomialAtLeast } from "../core/statistics/binomial.ts";
import type { ChainEvidence, SeenEvent } from "../evidence/folds/chain.ts";
import type { TxLife } from "../evidence/folds/transactions.ts";
import { foldUndisturbed } from "../evidence/folds/undisturbed.ts";
import type { Window } from "../evidence/folds/window.ts";
import type { Evidence } from "../model/expectation.ts";
import { atTime, percentOf, percentText } from "./findings.ts";

/** A node that drops no more than it may is called a dropper with at most this probability. */
const FALSE_ALARM = 1e-6;

/** A transaction that a node took and neither passed on nor put into its own block. */
interface Dropped {
  readonly life: TxLife;
  /** The node's own block that should have held it. */
  readonly block: SeenEvent;
  /** Who was given it again and had not heard of it; null when nobody was. */
  readonly newTo: string | null;
}

/** A node that dropped more of what it had accepted than it may. */
export interface Dropper {
  readonly node: string;
  /** How many transactions its own blocks should have held: those in which it shows. */
  readonly due: number;
  readonly dropped: readonly Dropped[];
}

/**
 * Nodes that accepted transactions and dropped them. What shows it are those that were in no block when the node made one of
 * its own, with room: they were due there. Held against the node is what two others bear witness to: its block did not
 * hold the transaction, and blocks later another node took it as new, or none ever did. It was under no fault in that time,
 * and no other block held the transaction. A node is a dropper when so many are hardly chance where each is
 * dropped with the probability that is allowed.
 */
export function droppersOf(
  evidence: Evidence,
  window: Window,
  accepted: readonly TxLife[],
  chain: ChainEvidence,
  maxPercent: number,
): readonly Dropper[] {
  const led = Map.groupBy(
    [...chain.blocks.values()].filter(({ txs }) => txs.length < MAX_BLOCK_TXS / 2),
    ({ leader }) => leader,
  );
  const undisturbed = foldUndisturbed(evidence.events, evidence.plan.topology.nodes, window);
  const due = new Map<string, number>();
  const dropped = new Map<string, Dropped[]>();
  for (const life of accepted) {
    for (const [i, { node, t, duplicate }] of life.acceptances.entries()) {
      // The slot in which it came may have begun before it did.
      const from = (t - window.chainStart) / window.slotMs;
      const block = led.get(node)?.find(({ slot }) => slot > from);
      const again = life.acceptances[i + 1];
      const until = again?.t ?? window.closedAt;
      if (duplicate || !block || block.t >= until || (life.block && life.block.slot < block.slot)) continue;
      due.set(node, (due.get(node) ?? 0) + 1);
      const lost = again ? !again.duplicate && again.node !== node : life.block === null;
      if (!lost || block.txs.includes(life.tx ?? "") || !undisturbed(node, t, until)) continue;
      // Some node had it from its taker before.
      if (life.orphanedIn.some((id) => (chain.blocks.get(id)?.t ?? until) < until)) continue;
      dropped.set(node, [...(dropped.get(node) ?? []), { life, block, newTo: again?.node ?? null }]);
    }
  }
  return [...dropped].flatMap(([node, lives]) => {
    const all = due.get(node) ?? 0;
    const isChance = binomialAtLeast(all, maxPercent / 100, lives.length) > FALSE_ALARM;
    return isChance ? [] : [{ node, due: all, dropped: lives }];
  });
}

/** `validator-1 dropped 12 of 14 transactions that it had accepted and its blocks should have held (...)`. */
export function dropperText({ node, due, dropped }: Dropper, maxPercent: number): string {
  const part = percentText(percentOf(dropped.length, due));
  return `${node} dropped ${dropped.length} of ${due} transactions that it had accepted and its blocks should have held (${part}, at most ${maxPercent} % allowed)`;
}

/** What became of each transaction that it dropped. */
export function dropTexts({ node, dropped }: Dropper): readonly string[] {
  return dropped.map(({ life, block, newTo }) => {
    const at = life.acceptances.find((one) => one.node === node)?.t ?? life.intended;
    const after = newTo === null ? "no other node ever took it" : `it was new to ${newTo} afterwards`;
    return `transaction ${life.tx} (${life.workload} ${life.n}) was accepted by ${node} ${atTime(at)} and is not in its block ${block.block} of slot ${block.slot}; ${after}`;
  });
}
