import { Writer, writeMantleTx } from "./encoding.ts";
import type { MantleTx, Op } from "./types.ts";

/** Execution gas of the ledger part of every transaction (the real node's constants). */
const LEDGER_TX_GAS = 2_705n;
/** Execution gas of one operation; a blob's is 800 and 100 for a sample, and the embedded ledger counts one sample. */
const OP_GAS: Record<Op["type"], bigint> = { inscribe: 22n, blob: 900n };

/**
 * What a transaction must leave over between inputs and outputs:
 * `execution gas x execution price + bytes x storage price + blob bytes x blob price`. It is burned. Zero when all prices
 * are zero, as in everything this product sends.
 */
export function gasCost(tx: MantleTx): bigint {
  let execution = LEDGER_TX_GAS;
  let blobs = 0n;
  for (const op of tx.ops) {
    execution += OP_GAS[op.type];
    if (op.type === "blob") blobs += op.blobSize * op.storageGasPrice;
  }
  const bytes = tx.storageGasPrice === 0n ? 0n : BigInt(writeMantleTx(new Writer(), tx).finish().length);
  return execution * tx.executionGasPrice + bytes * tx.storageGasPrice + blobs;
}
