import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { systemClock } from "../../lib/host/system-clock.ts";
import type { Cluster, LinkCondition } from "../../lib/model/cluster.ts";
import { hasPeers, listens, peerConnections, pidOf, running, startNetwork, travelMs, until } from "./network.ts";

const A = "validator-0";
const B = "validator-1";
const C = "validator-2";

function link(from: string, to: string, what: Partial<LinkCondition>): LinkCondition {
  return { from, to, delayMs: 0, jitterMs: 0, loss: 0, ...what };
}

/** Everything between A and the others is lost, both ways. */
const CUT = [B, C].flatMap((other) => [link(A, other, { loss: 1 }), link(other, A, { loss: 1 })]);

function across(connections: ReadonlySet<string>): string[] {
  return [...connections].filter((pair) => pair.split(">").includes(A));
}

/** No socket between the sides for this long, looked at every 20 ms. */
async function nothingCrosses(cluster: Cluster, ms: number): Promise<void> {
  for (const end = systemClock.now() + ms; systemClock.now() < end; await systemClock.sleep(20)) {
    assert.deepEqual(across(await peerConnections(cluster)), []);
  }
}

test("no connection crosses a partition, not even of a node that restarts in it, and it heals", async () => {
  await using network = await startNetwork(3);
  const { cluster } = network;
  assert.equal(across(await peerConnections(cluster)).length, 2, "what is measured is there without the fault");
  await cluster.control.setLinks(CUT);
  await hasPeers(cluster, A, 0);
  await until("the sockets to go", async () => across(await peerConnections(cluster)).length === 0);
  await nothingCrosses(cluster, 500);
  await cluster.control.kill(A);
  const started = cluster.control.start(A);
  await started;
  await until("the restarted node to answer", async () => (await running(cluster, A).client.info()).height >= 0);
  await cluster.control.restart(B);
  await hasPeers(cluster, B, 1);
  await nothingCrosses(cluster, 1_000);
  assert.equal(await travelMs(network, 0, A, C, 500), null);
  await cluster.control.setLinks([]);
  for (const name of [A, B, C]) await hasPeers(cluster, name, 2);
  await until("one chain", async () => {
    const tips = await Promise.all(cluster.running().map(async ({ client }) => (await client.info()).tip));
    return new Set(tips).size === 1;
  });
});

test("a one-way cut lets messages through the other way only", async () => {
  await using network = await startNetwork(3);
  await network.cluster.control.setLinks([link(A, B, { loss: 1 }), link(A, C, { loss: 1 })]);
  assert.equal(await travelMs(network, 1, A, B, 700), null);
  assert.ok((await travelMs(network, 2, B, A)) !== null);
  await hasPeers(network.cluster, A, 2);
});

test("delay is in what messages take, also of a node that restarts in it", async () => {
  await using network = await startNetwork(2);
  const { cluster } = network;
  const free = (await travelMs(network, 0, A, B)) ?? 0;
  await cluster.control.setLinks([link(A, B, { delayMs: 400, jitterMs: 50 })]);
  const slow = (await travelMs(network, 1, A, B)) ?? 0;
  assert.ok(slow >= 400, `${free} ms free, ${slow} ms slowed down`);
  const trips = await running(cluster, B).client.roundTrips?.(3_000);
  assert.ok((trips?.[A] ?? 0) >= 400, `a probe takes ${trips?.[A]} ms`);
  await cluster.control.restart(A);
  await hasPeers(cluster, A, 1);
  const again = (await travelMs(network, 2, A, B)) ?? 0;
  assert.ok(again >= 400, `${again} ms after the restart`);
  await cluster.control.release();
  // What was held back before the release still comes first, as on a connection that keeps its order.
  await until(
    "the link to be free",
    async () => ((await running(cluster, B).client.roundTrips?.(3_000))?.[A] ?? 400) < 400,
  );
  assert.ok(((await travelMs(network, 3, A, B)) ?? 400) < 400);
});

test("a paused node is in state T, accepts connections and says nothing; conditions wait for it", async () => {
  await using network = await startNetwork(3);
  const { cluster } = network;
  const pid = pidOf(cluster, A);
  const state = () => readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.[0];
  assert.notEqual(state(), "T");
  await cluster.control.pause(A);
  assert.equal(state(), "T");
  assert.equal((await cluster.observe(A)).paused, true);
  await assert.rejects(running(cluster, A).client.info({ timeoutMs: 300 }), { code: "NR-NODE-TIMEOUT" });
  await cluster.control.setLinks(CUT);
  await cluster.control.resume(A);
  assert.notEqual(state(), "T");
  await hasPeers(cluster, A, 0);
  await cluster.control.pause(A);
  await cluster.control.stop(A);
  assert.equal(existsSync(`/proc/${pid}`), false, "a paused node can be stopped in order");
});

test("a killed node's process is gone, a restarted one is another, and its program is the same", async () => {
  await using network = await startNetwork(2);
  const { cluster } = network;
  const program = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, "utf8");
  const first = pidOf(cluster, A);
  const ran = program(first);
  await cluster.control.kill(A);
  assert.equal(existsSync(`/proc/${first}`), false);
  assert.equal(await listens(cluster, A), false);
  await hasPeers(cluster, B, 0);
  await cluster.control.start(A);
  const second = pidOf(cluster, A);
  assert.notEqual(second, first);
  assert.equal(program(second), ran);
  await hasPeers(cluster, A, 1);
  await cluster.control.restart(A);
  assert.equal(existsSync(`/proc/${second}`), false);
  assert.equal(program(pidOf(cluster, A)), ran);
});

test("a node that joins late has no process, port or state before, and peers after", async () => {
  await using network = await startNetwork(3, C);
  const { cluster, folder } = network;
  assert.deepEqual(await cluster.observe(C), { alive: false, paused: false, identity: null });
  assert.equal(await listens(cluster, C), false);
  assert.equal(existsSync(join(folder, "nodes", C, "state")), false);
  await until("one connection", async () => (await peerConnections(cluster)).size === 1);
  await cluster.control.start(C);
  for (const name of [A, B, C]) await hasPeers(cluster, name, 2);
  assert.equal(await listens(cluster, C), true);
  await until("a connection for each pair", async () => (await peerConnections(cluster)).size === 3);
  await until("the others' chain", async () => {
    const [a, c] = await Promise.all([A, C].map((name) => running(cluster, name).client.info()));
    return a !== undefined && c !== undefined && c.height > 0 && Math.abs(a.height - c.height) <= 1;
  });
});

test("a wiped disk is empty, and its node learns the chain anew", async () => {
  await using network = await startNetwork(3);
  const { cluster, folder } = network;
  const state = join(folder, "nodes", C, "state");
  await until("some height", async () => (await running(cluster, C).client.info()).height >= 3);
  await assert.rejects(cluster.control.wipe(C), { code: "NR-NODE-STATE" });
  assert.equal(existsSync(join(state, "node.db")), true);
  await cluster.control.stop(C);
  assert.equal(await cluster.hasState?.(C), true);
  await cluster.control.wipe(C);
  assert.equal(existsSync(state), false);
  assert.equal(await cluster.hasState?.(C), false);
  await cluster.control.start(C);
  await until("the others' height", async () => (await running(cluster, C).client.info()).height >= 4);
});

test("a clock that is off is in the slots that its node takes for now, also after a restart", async () => {
  await using network = await startNetwork(2);
  const { cluster, plan } = network;
  const slotOf = async (name: string) => {
    const text = await running(cluster, name).client.metrics();
    return Number(/^time_current_slot (\d+)$/m.exec(text)?.[1]);
  };
  const ahead = async () => (await slotOf(A)) - (await slotOf(B));
  await until("the chain's start", async () => (await slotOf(B)) >= 1);
  await cluster.control.setClockOffset(A, 20 * plan.consensus.slotMs);
  assert.ok([19, 20, 21].includes(await ahead()), `${await ahead()} slots`);
  await cluster.control.restart(A);
  await until("the node to answer", async () => (await slotOf(A)) > 0);
  assert.ok([18, 19, 20, 21].includes(await ahead()), `${await ahead()} slots after the restart`);
  // Nobody else takes blocks of slots that are not yet: the node's own chain shows its time.
  await until("a block of the node's own time", async () => {
    const { client } = running(cluster, A);
    const block = await client.block((await client.info()).tip);
    return block !== null && block.header.slot >= (await slotOf(B)) + 10;
  });
});
