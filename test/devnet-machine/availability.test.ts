import assert from "node:assert/strict";
import test from "node:test";
import { encodeBlob, recoverBlob } from "../../lib/chain/blob.ts";
import { type DaParams, type Share, ZERO_ID } from "../../lib/chain/types.ts";
import { blobMessageId, signBlobOp } from "../../lib/chain/wallet.ts";
import type { Dispersed, VirtualNetwork } from "../../lib/deployers/simulation/virtual-network.ts";
import { createMachine } from "../../lib/devnet/machine/machine.ts";
import type { Output } from "../../lib/devnet/machine/types.ts";
import { CONSENSUS, createNetwork, createWorld, slotTime } from "./support/network.ts";

const CHANNEL = "da".repeat(32);
const DATA = Uint8Array.from({ length: 248 }, (_, i) => i);
/** Four subnetworks of two members each; any two shares give the blob back. */
const DA: DaParams = {
  shares: 4,
  needed: 2,
  members: [
    ["validator-0", "validator-1"],
    ["validator-1", "validator-2"],
    ["validator-2", "validator-3"],
    ["validator-3", "validator-4"],
  ],
  samples: 2,
};
const EXECUTOR = "executor-0";
const world = createWorld({ nodes: 7, executors: 1, da: DA });

function includes(network: VirtualNetwork, node: string, blob: string): boolean {
  const machine = network.machine(node);
  for (let id = machine.info().tip; ; ) {
    const block = machine.block(id);
    if (!block) return false;
    if (block.txs.some(({ tx }) => tx.ops.some((op) => op.type === "blob" && op.blob === blob))) return true;
    id = block.header.parent;
  }
}

function blobOf(result: Dispersed): string {
  assert.ok("blob" in result, JSON.stringify(result));
  return result.blob;
}

test("a blob is dispersed, sampled and included with one member of each subnetwork down", async () => {
  const { network, clock } = createNetwork(world, { link: { loss: 0.05 } });
  for (const name of ["validator-1", "validator-3"]) network.kill(name);
  clock.runUntil(slotTime(1));
  const dispersed = network.disperse(EXECUTOR, { channel: CHANNEL, parent: ZERO_ID, data: DATA });
  clock.runUntil(slotTime(8));
  const blob = blobOf(await dispersed);
  assert.equal(blob, encodeBlob(DATA, DA.shares, DA.needed).blob);
  for (const [name] of network.running()) assert.ok(includes(network, name, blob), name);

  const held = network.running().flatMap(([, machine]) => machine.shares(blob));
  assert.deepEqual(new Set(held.map(({ index }) => index)), new Set([0, 1, 2, 3]));
  assert.deepEqual(
    recoverBlob([
      network.machine("validator-0").share(blob, 0),
      network.machine("validator-4").share(blob, 3),
    ] as Share[]),
    DATA,
  );

  network.kill("validator-0");
  network.start("validator-0");
  assert.ok(network.machine("validator-0").share(blob, 0), "shares outlive a kill");
});

test("with a whole subnetwork down a dispersal is refused at the deadline of 10 slots", async () => {
  const { network, clock } = createNetwork(world);
  for (const name of ["validator-0", "validator-1"]) network.kill(name);
  clock.runUntil(slotTime(1));
  let answered: number | undefined;
  const dispersed = network.disperse(EXECUTOR, { channel: CHANNEL, parent: ZERO_ID, data: DATA });
  const answer = clock.drive(
    dispersed.then((result) => {
      answered = clock.now();
      return result;
    }),
    slotTime(20),
  );
  const result = await answer;
  assert.ok("refusal" in result);
  assert.equal(result.refusal.status, 500);
  assert.match(result.refusal.reason, /InsufficientSubnetworkConnections: no member of subnetwork 0 took its share/);
  assert.equal(answered, slotTime(1) + 10 * CONSENSUS.slotMs);
});

test("messages of a channel that follow one another are dispersed without waiting, and all included", async () => {
  const { network, clock } = createNetwork(world);
  clock.runUntil(slotTime(1));
  let parent = ZERO_ID;
  const dispersals: Promise<Dispersed>[] = [];
  for (let i = 0; i < 4; i++) {
    const data = DATA.map((byte) => byte ^ i);
    const { blob } = encodeBlob(data, DA.shares, DA.needed);
    dispersals.push(network.disperse(EXECUTOR, { channel: CHANNEL, parent, data }));
    parent = blobMessageId({ channel: CHANNEL, parent, blob, size: data.length });
  }
  clock.runUntil(slotTime(6));
  for (const result of await Promise.all(dispersals)) assert.ok(includes(network, "validator-5", blobOf(result)));
});

test("a validator disperses nothing, an executor no empty blob", async () => {
  const { network, clock } = createNetwork(world);
  clock.runUntil(slotTime(1));
  const request = { channel: CHANNEL, parent: ZERO_ID, data: DATA };
  const byValidator = await network.disperse("validator-0", request);
  assert.ok("refusal" in byValidator && byValidator.refusal.status === 500);
  const empty = await network.disperse(EXECUTOR, { ...request, data: new Uint8Array(0) });
  assert.ok("refusal" in empty && /0 bytes/.test(empty.refusal.reason));
});

test("a node that can't sample holds the block, and takes it when it is deeper than k", async () => {
  const apart = "validator-5";
  const star = createWorld({
    nodes: 7,
    executors: 1,
    da: { ...DA, members: DA.members.map(() => ["validator-1", "validator-2"]) },
    topology: "star",
  });
  const { network, clock } = createNetwork(star);
  for (const member of ["validator-1", "validator-2"])
    network.links.set(apart, member, { delayMs: 0, jitterMs: 0, loss: 1 });
  clock.runUntil(slotTime(2));
  const dispersed = network.disperse(EXECUTOR, { channel: CHANNEL, parent: ZERO_ID, data: DATA });
  clock.runUntil(slotTime(8));
  const blob = blobOf(await dispersed);
  assert.ok(includes(network, "validator-0", blob));
  assert.ok(!includes(network, apart, blob), "not sampled, so not accepted");
  const stuck = network.machine(apart).info().height;
  clock.runUntil(slotTime(30));
  assert.ok(includes(network, apart, blob), "buried, so accepted");
  assert.ok(network.machine(apart).info().height > stuck + 10);
});

test("a share with a flipped byte is caught, its holder named, and another holder asked", () => {
  const members = [["one", "two"]];
  const da: DaParams = { shares: 1, needed: 1, members, samples: 1 };
  const { blob, shares } = encodeBlob(DATA, 1, 1);
  const [share] = shares as [Share];
  const machine = createMachine({ ...createWorld({ nodes: 1, da }).config("validator-0") }, null, 0);
  machine.start(0);
  const asked = (outputs: readonly Output[]) =>
    outputs.flatMap((output) =>
      output.type === "send" && output.message.type === "sample-request" ? [output.to] : [],
    );
  const tx = signBlobOp({ channel: CHANNEL, parent: ZERO_ID, blob, size: DATA.length });
  const [first] = asked(machine.handle({ type: "submit", call: 0, tx }, 0).outputs);
  assert.ok(first);
  const column = share.column.slice();
  column[7] = (column[7] ?? 0) ^ 1;
  const bad = { type: "sample-reply", blob, index: 0, share: { ...share, column } } as const;
  const { outputs } = machine.handle({ type: "message", from: first, message: bad }, 10);
  const second = first === "one" ? "two" : "one";
  assert.deepEqual(asked(outputs), [second]);
  const warning = outputs.find((output) => output.type === "log" && output.level === "WARN");
  assert.ok(warning?.type === "log" && warning.text.includes(`${first} sent one that is not sound`));
  const good = { type: "sample-reply", blob, index: 0, share } as const;
  const ignored = machine.handle({ type: "message", from: first, message: good }, 20);
  assert.deepEqual(ignored.outputs, [], "who was not asked is not heard");
  const settled = machine.handle({ type: "message", from: second, message: good }, 30);
  assert.deepEqual(settled.outputs[0], { type: "persist", record: { type: "sampled", blob } });
});

test("a member keeps only sound shares of its own subnetworks, and acknowledges them", () => {
  const [share] = encodeBlob(DATA, DA.shares, DA.needed).shares as [Share];
  const other = encodeBlob(DATA, 3, DA.needed).shares[0] as Share;
  const acks = (name: string, given: Share) => {
    const machine = createMachine(world.config(name), null, 0);
    machine.start(0);
    const { outputs } = machine.handle(
      { type: "message", from: EXECUTOR, message: { type: "share", share: given } },
      0,
    );
    return outputs.filter((output) => output.type === "persist" || output.type === "send").map(({ type }) => type);
  };
  assert.deepEqual(acks("validator-0", share), ["persist", "send"]);
  assert.deepEqual(acks("validator-3", share), [], "not a member");
  assert.deepEqual(acks("validator-0", other), [], "coded otherwise");
  assert.deepEqual(acks("validator-0", { ...share, column: share.column.map((byte) => byte ^ 1) }), [], "altered");
});
