import type { SignedTx, TxHash } from "../chain/types.ts";
import { CodedError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";
import type { Cluster, RunningNode } from "../model/cluster.ts";
import type { EventData } from "../model/events.ts";
import type { RunContext } from "../model/run-context.ts";

/** How often every running node is asked before a transaction counts as refused. */
const ROUNDS = 5;
/** A node that says nothing for this long is passed over for another. */
const CALL_TIMEOUT_MS = 2_000;

export interface Offer {
  readonly tx: SignedTx;
  /** A node that is asked after all others, because it had the transaction and lost it. */
  readonly avoid?: string | undefined;
  /** Told before each node is asked. */
  submitting(node: string): void;
  /** Told of each refusal; unreachable and silent nodes refuse too. `final` when no other node will be asked. */
  refused(node: string, reason: string, final: boolean): void;
}

/**
 * Offers a transaction to the running nodes in random order until one takes it, five rounds with a quarter of a slot
 * between them. A node that has it already takes it.
 * @returns the node that took it, and whether it had it already; null when none did
 */
export async function offerTx(
  ctx: Pick<RunContext, "clock" | "cluster" | "plan">,
  random: Random,
  offer: Offer,
  signal: AbortSignal,
): Promise<{ readonly node: string; readonly duplicate: boolean } | null> {
  for (let round = 1; round <= ROUNDS; round++) {
    const nodes = inRandomOrder(ctx.cluster, random, offer.avoid);
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i] as RunningNode;
      const name = node.planned.name;
      offer.submitting(name);
      const answer = await ask(node, offer.tx, signal);
      if ("duplicate" in answer) return { node: name, duplicate: answer.duplicate };
      offer.refused(name, answer.refused, round === ROUNDS && i === nodes.length - 1);
    }
    if (round < ROUNDS) await ctx.clock.sleep(ctx.plan.consensus.slotMs / 4, signal);
  }
  return null;
}

function inRandomOrder(cluster: Cluster, random: Random, avoid: string | undefined): readonly RunningNode[] {
  const nodes = random.shuffle(cluster.running());
  const at = avoid === undefined ? -1 : nodes.findIndex(({ planned }) => planned.name === avoid);
  if (at >= 0) nodes.push(...nodes.splice(at, 1));
  return nodes;
}

/** What came of asking a node to take a transaction: why it did not, or whether it had it already. */
export type Answer = { readonly refused: string } | { readonly duplicate: boolean };

/** Asks one node to take a transaction. */
export async function ask(node: RunningNode, tx: SignedTx, signal: AbortSignal): Promise<Answer> {
  try {
    const answer = await node.client.submit(tx, { timeoutMs: CALL_TIMEOUT_MS, signal });
    return answer.accepted ? { duplicate: answer.duplicate } : { refused: `${answer.status}: ${answer.reason}` };
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof CodedError) return { refused: `${thrown.code}: ${thrown.message}` };
    throw thrown;
  }
}

/** What is recorded of a node's taking a transaction. */
export function acceptance(tx: TxHash, node: string, duplicate: boolean): EventData<"tx.accepted"> {
  return duplicate ? { tx, node, duplicate } : { tx, node };
}
