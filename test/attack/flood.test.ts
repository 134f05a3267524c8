import assert from "node:assert/strict";
import test from "node:test";
import { type Op, type SignedTx, ZERO_ID } from "../../lib/chain/types.ts";
import { genesisState } from "../../lib/devnet/machine/chain-state.ts";
import { Mempool } from "../../lib/devnet/machine/mempool.ts";
import { createSharedMemo } from "../../lib/devnet/machine/shared-memo.ts";
import { Verifier } from "../../lib/devnet/machine/verifier.ts";
import { CONSENSUS, createWorld } from "../devnet-machine/support/network.ts";

const COUNT = 8_000;
const { genesis } = createWorld({ nodes: 1 });
const state = genesisState(genesis);

/** An inscription whose signatures are nobody's: the test says that they were found good before. */
function inscription(index: number, parent: string): SignedTx {
  const op: Op = {
    type: "inscribe",
    channel: ZERO_ID.replace("0", "d"),
    inscription: bytesOf(index),
    parent,
    signer: ZERO_ID,
  };
  const ledger = { inputs: [], outputs: [] };
  const opProofs = [{ type: "ed25519", signature: new Uint8Array(64) }] as const;
  const tx = { ops: [op], ledger, executionGasPrice: 0n, storageGasPrice: 0n };
  return { tx, opProofs, ledgerProof: new Uint8Array(128) };
}

function bytesOf(index: number): Uint8Array {
  return Uint8Array.of(index & 255, index >> 8);
}

/** Milliseconds to choose a block's transactions from as many that wait, each for the place that `parentOf` gives. */
function timeToChoose(parentOf: (index: number) => string): number {
  const memo = createSharedMemo();
  const mempool = new Mempool(new Verifier(genesis, CONSENSUS, memo));
  for (let index = 0; index < COUNT; index++) {
    const signed = inscription(index, parentOf(index));
    memo.txs.set(signed, { ok: true });
    assert.equal(mempool.add(signed, state, state, 0), null);
  }
  mempool.select(state, () => true);
  const before = performance.now();
  assert.deepEqual(mempool.select(state, () => true).txs, []);
  return performance.now() - before;
}

test("thousands that wait for one predecessor hold up a proposal no more than as many that wait for their own", () => {
  const own = timeToChoose((index) => index.toString(16).padStart(64, "e"));
  const common = timeToChoose(() => "e".repeat(64));
  assert.ok(common < 5 * own, `${common.toFixed(0)} ms against ${own.toFixed(0)} ms`);
});
