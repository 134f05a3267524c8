import type { ChainEvidence } from "../evidence/folds/chain.ts";
import type { TxLife } from "../evidence/folds/transactions.ts";
import type { EventOf } from "../model/events.ts";
import { atTime, counted, names } from "./findings.ts";

/**
 * Why a transaction that was accepted is not in the chain at the end of settle, as far as the stream shows.
 * @param ends every end of a node within the window
 */
export function explainLoss(life: TxLife, ends: readonly EventOf<"node.ended">[], chain: ChainEvidence): string {
  const what = `transaction ${life.tx} (${life.workload} ${life.n})`;
  const nodes = [...new Set(life.acceptances.map(({ node }) => node))];
  const acceptedAt = life.acceptances[0]?.t ?? life.intended;
  const accepted = `${what} was accepted by ${names(nodes)} ${atTime(acceptedAt)}`;
  if (life.orphanedIn.length > 0) {
    const blocks = life.orphanedIn.map((id) => `${id} at height ${chain.blocks.get(id)?.height}`);
    return `${accepted} and included in ${names(blocks)}, which left the chain; no later block has it`;
  }
  const lostBy = life.acceptances.flatMap(({ node, t }) => ends.find((end) => end.node === node && end.t >= t) ?? []);
  if (lostBy.length === life.acceptances.length) {
    const when = lostBy.map(({ node, t }) => `${node} ended ${atTime(t)}`);
    return `${accepted} and lost from memory: ${names([...new Set(when)])} before any block had it`;
  }
  const since = chain.canonical.filter(({ t }) => t > acceptedAt).length;
  return `${accepted} and is still in no block, ${counted(since, "block")} later`;
}

/** Why a transaction was never accepted. */
export function explainRefusal(life: TxLife): string {
  const reasons = new Map<string, string[]>();
  for (const { node, reason } of life.refusals) reasons.set(reason, [...(reasons.get(reason) ?? []), node]);
  const told = [...reasons].map(([reason, nodes]) => `${names([...new Set(nodes)])}: ${reason}`);
  if (told.length === 0) told.push(`${names([...new Set(life.askedOf)])} gave no answer`);
  return `transaction ${life.tx} (${life.workload} ${life.n}) was never accepted; ${told.join("; ")}`;
}
