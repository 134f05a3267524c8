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
  readonly accepted: number;
  readonly dropped: readonly Dropped[];
}

/**
 * Nodes that accepted transactions and dropped them. Held against a node is only what two others bear witness to: blocks
 * later another node took the transaction as new, or none ever did; and the node itself made a block in between, with
 * room, that did not hold it. It was under no fault in that time, and the transaction in no block that left the chain.
 * Not every drop is seen in this way; and a node is a dropper when so many are hardly chance where each is dropped with the
 * probability that is allowed.
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
  const taken = new Map<string, Set<TxLife>>();
  const dropped = new Map<string, Dropped[]>();
  for (const life of accepted) {
    for (const [i, { node, t, duplicate }] of life.acceptances.entries()) {
      if (duplicate) continue;
      taken.set(node, (taken.get(node) ?? new Set()).add(life));
      const again = life.acceptances[i + 1];
      const lost = again ? !again.duplicate && again.node !== node : life.block === null;
      if (!lost || life.orphanedIn.length > 0) continue;
      const until = again?.t ?? window.closedAt;
      // The slot in which it came may have begun before it did.
      const from = (t - window.chainStart) / window.slotMs;
      const block = led.get(node)?.find((own) => own.slot > from && own.t < until && !own.txs.includes(life.tx ?? ""));
      const known = dropped.get(node) ?? [];
      if (!block || known.at(-1)?.life === life || !undisturbed(node, t, until)) continue;
      dropped.set(node, [...known, { life, block, newTo: again?.node ?? null }]);
    }
  }
  return [...dropped].flatMap(([node, lives]) => {
    const accepted = taken.get(node)?.size ?? 0;
    const isChance = binomialAtLeast(accepted, maxPercent / 100, lives.length) > FALSE_ALARM;
    return isChance ? [] : [{ node, accepted, dropped: lives }];
  });
}

/** `validator-1 dropped 12 of 40 transactions that it had accepted (30 %, at most 1 % allowed)`. */
export function dropperText({ node, accepted, dropped }: Dropper, maxPercent: number): string {
  const part = percentText(percentOf(dropped.length, accepted));
  return `${node} dropped ${dropped.length} of ${accepted} transactions that it had accepted (${part}, at most ${maxPercent} % allowed)`;
}

/** What became of each transaction that it dropped. */
export function dropTexts({ node, dropped }: Dropper): readonly string[] {
  return dropped.map(({ life, block, newTo }) => {
    const at = life.acceptances.find((one) => one.node === node)?.t ?? life.intended;
    const after = newTo === null ? "no other node ever took it" : `it was new to ${newTo} afterwards`;
    return `transaction ${life.tx} (${life.workload} ${life.n}) was accepted by ${node} ${atTime(at)} and is not in its block ${block.block} of slot ${block.slot}; ${after}`;
  });
}
