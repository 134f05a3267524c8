import type { Block, SignedTx } from "../../../lib/chain/types.ts";
import { signTx, type Wallet } from "../../../lib/chain/wallet.ts";

/** The same transaction, by hash, with a valid ledger proof by somebody who does not own its inputs. */
export function provedBy(thief: Wallet, signed: SignedTx): SignedTx {
  const { ledgerProof } = signTx([], thief.signer, signed.tx.ledger, thief.signer);
  if (signed.tx.ops.length > 0) throw new Error("only for transfers: operations are hashed too");
  return { ...signed, ledgerProof };
}

/** The same block, by id and signature, with each transfer proved by the thief. */
export function withStolenProofs(thief: Wallet, block: Block): Block {
  return { ...block, txs: block.txs.map((signed) => provedBy(thief, signed)) };
}
