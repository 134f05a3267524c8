import { genesisNotes } from "../../chain/genesis.ts";
import { outputNotes } from "../../chain/ledger.ts";
import type { Genesis, HeaderId, NoteId } from "../../chain/types.ts";
import { CodedError } from "../../core/errors.ts";
import type { NodeClient } from "../../model/node-client.ts";
import type { Wallet } from "../../model/wallets.ts";

/**
 * The genesis wallets with the largest note that each has now, by the chain from genesis to the node's tip; those that
 * have none are left out.
 * @throws CodedError NR-ATTACH-CHAIN when the chain doesn't begin with that genesis
 */
export async function unspentOf(
  wallets: readonly Wallet[],
  genesis: Genesis,
  client: NodeClient,
  signal: AbortSignal,
): Promise<readonly Wallet[]> {
  const owners = new Set(wallets.map(({ pk }) => pk));
  const notes = new Map<NoteId, { readonly pk: string; readonly value: bigint }>();
  const spent = new Set<NoteId>();
  for (const { id, note } of genesisNotes(genesis)) if (owners.has(note.pk)) notes.set(id, note);
  const { tip } = await client.info({ signal });
  for (let id: HeaderId = tip; id !== genesis.id; ) {
    const block = await client.block(id, { signal });
    if (!block) {
      throw new CodedError(
        "NR-ATTACH-CHAIN",
        `the chain ends at ${id}, which is not the genesis of the run attached to`,
      );
    }
    for (const { tx } of block.txs) {
      for (const input of tx.ledger.inputs) spent.add(input);
      for (const { id: made, note } of outputNotes(tx.ledger)) if (owners.has(note.pk)) notes.set(made, note);
    }
    id = block.header.parent;
  }
  return wallets.flatMap((wallet) => {
    const own = [...notes].filter(([id, { pk }]) => pk === wallet.pk && !spent.has(id));
    const [largest] = own.toSorted(([, a], [, b]) => (a.value < b.value ? 1 : -1));
    return largest ? [{ ...wallet, note: largest[0], value: largest[1].value }] : [];
  });
}
