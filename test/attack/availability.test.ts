import assert from "node:assert/strict";
import test from "node:test";
import { encodeBlob, recoverBlob, verifyShare } from "../../lib/chain/blob.ts";
import { Writer } from "../../lib/chain/encoding.ts";
import { merklePaths } from "../../lib/chain/merkle.ts";
import { blobId } from "../../lib/chain/suite.ts";
import { type Block, type Commitments, type DaParams, type Share, ZERO_ID } from "../../lib/chain/types.ts";
import { signBlobOp } from "../../lib/chain/wallet.ts";
import { bytesToHex } from "../../lib/core/bytes.ts";
import type { Output } from "../../lib/devnet/machine/types.ts";
import { Forge } from "../devnet-machine/support/blocks.ts";
import { CONSENSUS, createWorld, slotTime } from "../devnet-machine/support/network.ts";
import { Mesh } from "./support/mesh.ts";

const CHANNEL = "da".repeat(32);
const DATA = Uint8Array.from({ length: 100 }, (_, i) => i);
/** The victim is a member of nothing and samples both subnetworks. */
const DA: DaParams = {
  shares: 2,
  needed: 1,
  members: [
    ["mallory", "holder"],
    ["mallory", "holder"],
  ],
  samples: 2,
};
const world = createWorld({ nodes: 2, consensus: { f: 1 }, da: DA });
const forge = new Forge(world);
const [VICTIM, LEADER] = world.names as [string, string];
const { blob, shares } = encodeBlob(DATA, DA.shares, DA.needed);
const blobTx = signBlobOp({ channel: CHANNEL, parent: ZERO_ID, blob, size: DATA.length });

/** A block with the blob, and as many on top as are wanted. */
function chain(above: number): Block[] {
  const blocks = [forge.block(LEADER, 1, world.genesis.id, [blobTx])];
  for (let i = 0; i < above; i++) blocks.push(forge.block(LEADER, 2 + i, blocks.at(-1)?.id));
  return blocks;
}

function victim(slot: number): Mesh {
  return new Mesh(world, [VICTIM], ["mallory", "holder"], slotTime(slot));
}

function heightOf(nodes: Mesh): number {
  nodes.settle();
  return nodes.machine(VICTIM).info().height;
}

test("a neighbour's word that its chain is high is no reason not to sample", () => {
  const nodes = victim(30);
  const [block] = chain(0) as [Block];
  nodes.say("mallory", VICTIM, { type: "hello", genesis: world.genesis.id, tip: "ab".repeat(32), height: 1_000_000 });
  nodes.say("mallory", VICTIM, { type: "block", block });
  assert.equal(heightOf(nodes), 0);
});

test("blocks that show to lie deeper than k are taken as they are fetched, those above wait to be sampled", () => {
  const { k } = CONSENSUS;
  for (const above of [k, k + 1]) {
    const nodes = victim(30);
    const blocks = chain(above);
    const want = blocks.at(-1)?.id ?? "";
    nodes.say("mallory", VICTIM, { type: "hello", genesis: world.genesis.id, tip: want, height: blocks.length });
    nodes.say("mallory", VICTIM, { type: "sync-reply", want, blocks, more: false });
    assert.equal(heightOf(nodes), above > k ? blocks.length : 0, `${above} above it`);
  }
});

/** Which subnetworks' shares a node asks whom for. */
function asked(outputs: readonly Output[]): string[] {
  return outputs.flatMap((output) =>
    output.type === "send" && output.message.type === "sample-request" ? [`${output.message.index} ${output.to}`] : [],
  );
}

test("shares of another blob, of another index, or under other commitments are not taken for the one asked for", () => {
  const other = encodeBlob(Uint8Array.of(1), DA.shares, DA.needed).shares;
  const [zero, one] = shares as [Share, Share];
  const bad: Record<string, Share> = {
    "another blob's": other[0] as Share,
    "another blob's under this id": { ...(other[0] as Share), blob },
    "another index": one,
    "another index under this one": { ...one, index: 0 },
    "other commitments": { ...zero, commitments: { ...zero.commitments, size: 99 } },
    "a path that is too long": { ...zero, path: [...zero.path, ZERO_ID] },
    "no path": { ...zero, path: [] },
    "a longer column": { ...zero, column: new Uint8Array([...zero.column, 0]) },
  };
  for (const [what, share] of Object.entries(bad)) {
    const nodes = victim(1);
    const first = asked(nodes.feed(VICTIM, { type: "submit", call: 0, tx: blobTx })).find((line) =>
      line.startsWith("0 "),
    );
    const holder = first?.slice(2) ?? "";
    const outputs = nodes.say(holder, VICTIM, { type: "sample-reply", blob, index: 0, share });
    assert.deepEqual(asked(outputs), [holder === "mallory" ? "0 holder" : "0 mallory"], what);
  }
});

test("a blob whose only holder acknowledged its share and threw it away is not proposed by who samples it", () => {
  const da: DaParams = { shares: 2, needed: 1, members: [["mallory"], ["holder"]], samples: 2 };
  const single = createWorld({ nodes: 1, executors: 1, consensus: { f: 1 }, da });
  const [executor] = single.names as [string];
  const nodes = new Mesh(single, [executor], ["mallory", "holder"], slotTime(1));
  nodes.feed(executor, { type: "disperse", call: 0, request: { channel: CHANNEL, parent: ZERO_ID, data: DATA } });
  nodes.say("mallory", executor, { type: "share-ack", blob, index: 1 });
  assert.equal(nodes.machine(executor).mempoolMetrics().pendingItems, 0, "nobody acknowledges for another subnetwork");
  nodes.say("mallory", executor, { type: "share-ack", blob, index: 0 });
  nodes.say("holder", executor, { type: "share-ack", blob, index: 1 });
  assert.equal(nodes.machine(executor).mempoolMetrics().pendingItems, 1);
  for (let slot = 2; slot < 12; slot++) {
    nodes.settle();
    for (const { to, message } of nodes.intercepted.splice(0)) {
      if (message.type !== "sample-request") continue;
      const share = to === "holder" ? (shares[message.index] ?? null) : null;
      nodes.say(to, executor, { type: "sample-reply", blob, index: message.index, share });
    }
    nodes.at(slotTime(slot));
    assert.equal(nodes.machine(executor).mempoolMetrics().pendingItems, 1);
  }
  assert.equal(nodes.machine(executor).info().height, 10);
});

/** A disperser's commitment to whatever columns it likes. */
function commitTo(columns: readonly Uint8Array[], needed: number, size: number): Share[] {
  const domain = new TextEncoder().encode("NOMOS_RUN_COLUMN_V1");
  const leaves = columns.map((column, index) => new Writer().bytes(domain).u16(index).bytes(column).finish());
  const { root, paths } = merklePaths(leaves);
  const commitments: Commitments = { root: bytesToHex(root), shares: columns.length, needed, size };
  const id = blobId(commitments);
  return columns.map((column, index) => {
    return { blob: id, index, column, path: (paths[index] ?? []).map(bytesToHex), commitments };
  });
}

function* subsets<T>(items: readonly T[], size: number): Generator<T[]> {
  if (size === 0) return yield [];
  for (const [i, item] of items.entries())
    for (const rest of subsets(items.slice(i + 1), size - 1)) yield [item, ...rest];
}

test("columns that are no code word are found out by every set of shares that could give the blob back", () => {
  const layouts = [
    [5, 2, 7],
    [4, 3, 10],
    [3, 1, 4],
    [6, 5, 5],
  ] as const;
  for (const [total, needed, size] of layouts) {
    const good = encodeBlob(DATA.slice(0, size), total, needed).shares.map(({ column }) => column);
    assert.deepEqual(commitTo(good, needed, size), encodeBlob(DATA.slice(0, size), total, needed).shares);
    const lies = good.map((_, liar) => good.map((column, i) => (i === liar ? column.map((byte) => byte ^ 1) : column)));
    const padded = good.map((column, i) => (i === needed - 1 ? Uint8Array.from([...column.slice(0, -1), 9]) : column));
    for (const columns of [...lies, ...(size % needed === 0 ? [] : [padded])]) {
      const told = commitTo(columns, needed, size);
      for (const chosen of subsets(told, needed)) {
        for (const share of chosen) assert.deepEqual(verifyShare(share), { ok: true });
        assert.throws(() => recoverBlob(chosen), { code: "NR-CHAIN-BLOB-INCONSISTENT" });
      }
    }
  }
});

test("commitments to what no blob can be are refused without being worked on", () => {
  const [share] = shares as [Share];
  const absurd: Partial<Commitments>[] = [
    { size: 0 },
    { size: 0xffff_ffff },
    { needed: 0 },
    { needed: 3 },
    { shares: 0 },
    { shares: 257 },
    { shares: 65_535, needed: 65_535 },
    { needed: 1.5 },
    { shares: Number.NaN },
  ];
  for (const change of absurd) {
    const commitments = { ...share.commitments, ...change };
    let id = ZERO_ID;
    try {
      id = blobId(commitments);
    } catch {
      // What has no encoding has no id either, and can only be claimed under another's.
    }
    const told: Share = { ...share, blob: id, commitments };
    assert.equal(verifyShare(told).ok, false, JSON.stringify(change));
    assert.throws(() => recoverBlob([told]), { code: "NR-CHAIN-SHARE-INVALID" });
  }
});
