import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { ZERO_ID } from "../../lib/chain/types.ts";
import { randomStream } from "../../lib/core/random.ts";
import { createSharedMemo } from "../../lib/devnet/machine/shared-memo.ts";
import { createNetwork, createWorld, slotTime } from "./support/network.ts";
import { Traffic } from "./support/traffic.ts";

const world = createWorld({
  nodes: 5,
  executors: 1,
  wallets: 10,
  da: { shares: 2, needed: 1, members: [["validator-0"], ["validator-1"]], samples: 1 },
});

/** A run with everything in it; returns a digest of all that its nodes said and wrote, bytes included. */
function history(seed: string, memo = createSharedMemo()): string {
  const digest = createHash("sha256");
  const { network, clock } = createNetwork(world, {
    seed,
    memo,
    link: { loss: 0.05, jitterMs: 200 },
    watch: (node, output) => {
      digest.update(node);
      digest.update(JSON.stringify(output, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value)));
    },
  });
  const traffic = new Traffic(world, randomStream(seed, "traffic"));
  for (let slot = 1; slot <= 25; slot++) {
    clock.runUntil(slotTime(slot));
    network.submit("validator-0", traffic.transfer());
    if (slot === 5) network.killAfter("validator-2", 2);
    if (slot === 9) network.start("validator-2");
    if (slot === 12) network.partition([["validator-0", "validator-1"]]);
    if (slot === 15) network.heal();
    const request = { channel: "cc".repeat(32), parent: ZERO_ID, data: Uint8Array.of(slot) };
    if (slot === 18) network.disperse("executor-0", request).catch(assert.fail);
  }
  return digest.digest("hex");
}

test("equal seeds give equal histories, byte for byte, whatever was remembered from before", () => {
  const memo = createSharedMemo();
  const first = history("one", memo);
  assert.equal(history("one", memo), first, "with a memo of the same history");
  history("two", memo);
  assert.equal(history("one", memo), first, "with a memo of another history too");
  assert.equal(history("one"), first, "with a memo of its own");
  assert.notEqual(history("two"), first);
});
