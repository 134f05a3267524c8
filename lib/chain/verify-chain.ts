import { genesisLedger } from "./genesis.ts";
import { electorateOf, verifyBlock } from "./leadership.ts";
import { applyBlock, type LedgerState } from "./ledger.ts";
import type { Block, ConsensusParams, Genesis, HeaderId } from "./types.ts";
import { verifyTx } from "./verify-tx.ts";

export type ChainCheck =
  | { readonly ok: true; readonly state: LedgerState }
  | { readonly ok: false; readonly block: HeaderId; readonly height: number; readonly reason: string };

/**
 * Checks a chain as an outside observer can, from the genesis and nothing else: every block of `blocks`, oldest first,
 * follows its parent in a later slot, has a leader that won, and holds transactions that are signed and apply.
 */
export function verifyChain(
  genesis: Genesis,
  params: Pick<ConsensusParams, "f">,
  blocks: readonly Block[],
): ChainCheck {
  const electorate = electorateOf(genesis);
  let state = genesisLedger(genesis);
  let parent: HeaderId = genesis.id;
  let slot = 0;
  for (const [index, block] of blocks.entries()) {
    const fail = (reason: string): ChainCheck => ({ ok: false, block: block.id, height: index + 1, reason });
    if (block.header.parent !== parent) return fail(`parent is ${block.header.parent}, not ${parent}`);
    if (block.header.slot <= slot) return fail(`slot ${block.header.slot} does not follow slot ${slot}`);
    const sealed = verifyBlock(block, electorate, params);
    if (!sealed.ok) return fail(sealed.reason);
    for (const [at, signed] of block.txs.entries()) {
      const check = verifyTx(signed);
      if (!check.ok) return fail(`transaction ${at}: ${check.reason}`);
    }
    const applied = applyBlock(state, block.txs);
    if (!applied.ok) return fail(applied.reason);
    ({ state } = applied);
    parent = block.id;
    slot = block.header.slot;
  }
  return { ok: true, state };
}
