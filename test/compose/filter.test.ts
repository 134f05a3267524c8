import assert from "node:assert/strict";
import test from "node:test";
import { waitFor } from "../../lib/core/wait.ts";
import { MOST_NODES } from "../../lib/deployers/compose/addresses.ts";
import { buildImage } from "../../lib/host/docker/image.ts";
import type { Traffic } from "../../lib/host/docker/packet-filter-traffic.ts";
import { TOOLS_ENVIRONMENT, toolsFiles } from "../../lib/host/docker/tools-files.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { captureMissing } from "../faults/capture.ts";
import { capture, docker, type Peer, type PeerNetwork, startPeers, toolsLeft } from "./filter-network.ts";

const CLEAR: Traffic = { incoming: [], outgoing: [] };
/** How long a byte there and back may take before it is called lost. */
const SOON_MS = 300;

/** Nothing in from a peer, nothing out to it. */
function cutOff(other: Peer): Traffic {
  return {
    incoming: [{ from: other.address, loss: 1 }],
    outgoing: [{ to: other.address, cut: true, delayMs: 0, jitterMs: 0 }],
  };
}

function pick<T>(values: readonly T[]): [T, T, T] {
  const [a, b, c] = values;
  return [a ?? assert.fail(), b ?? assert.fail(), c ?? assert.fail()];
}

/** Applies, and says how long it took. */
async function timed(t: test.TestContext, what: string, work: () => Promise<unknown>): Promise<void> {
  const from = performance.now();
  await work();
  t.diagnostic(`${what}: ${Math.round(performance.now() - from)} ms`);
}

/** Over the connection that they had before: what was lost meanwhile is sent again. */
async function heals(from: Peer, to: Peer): Promise<void> {
  await waitFor({
    clock: systemClock,
    what: `${from.container} to reach ${to.container}`,
    timeoutMs: 30_000,
    intervalMs: 20,
    look: async () => {
      const heard = await from.talk(to, 1_000);
      return heard === "echo" ? { done: true, value: undefined } : { done: false, seen: heard };
    },
  });
}

async function nothingIsLeft(network: PeerNetwork): Promise<void> {
  assert.deepEqual(await toolsLeft(network), []);
  for (const { container } of network.peers) {
    const state = await network.filters.inForce(container);
    assert.deepEqual(state, { incoming: [], outgoing: [], shaped: [] });
  }
  for (const { item, gone } of network.inventory) assert.equal(await gone(), true, item.id);
}

test("between two that are cut off not one packet passes, nobody is told, and third ones see nothing of it", async (t) => {
  const network = await startPeers(t, ["a", "b", "c"]);
  const { filters } = network;
  const [a, b, c] = pick(network.peers);
  assert.deepEqual([await a.talk(b, 5_000), await b.talk(a, 5_000), await a.talk(c, 5_000)], ["echo", "echo", "echo"]);
  const cut = () => Promise.all([filters.apply(a.container, cutOff(b)), filters.apply(b.container, cutOff(a))]);
  await timed(t, "the first cut, with the look at what the kernel can", cut);

  const seen = captureMissing() ? null : await capture(b, a);
  const before = await b.got();
  const heard = await Promise.all([
    a.talk(b, SOON_MS),
    b.talk(a, SOON_MS),
    a.dial(b, SOON_MS),
    b.dial(a, SOON_MS),
    a.send(b, 100),
    b.send(a, 100),
    a.talk(c, 5_000),
    c.talk(b, 5_000),
  ]);
  // Each sender of datagrams takes them for sent, as in any network.
  const sent = { sent: 100, errors: [] };
  assert.deepEqual(heard, ["silence", "silence", "silence", "silence", sent, sent, "echo", "echo"]);
  const after = await b.got();
  assert.deepEqual([after.udp[a.address], after.tcp[a.address]], [before.udp[a.address], before.tcp[a.address]]);
  if (seen) assert.deepEqual(await seen.lines(), []);
  const inForce = await filters.inForce(a.container);
  assert.deepEqual(inForce?.incoming, [{ from: b.address, loss: 1, seen: 0, dropped: 0 }], "b itself sent nothing");
  // 100 datagrams, and attempts over two connections.
  assert.ok((inForce?.outgoing[0]?.dropped ?? 0) >= 102, `${inForce?.outgoing[0]?.dropped} packets`);

  await timed(t, "healed", () => Promise.all([a, b].map(({ container }) => filters.apply(container, CLEAR))));
  await heals(a, b);
  await heals(b, a);
  if (seen) assert.notDeepEqual(await seen.lines(), [], "the capture does see what passes");
  await seen?.[Symbol.asyncDispose]();
  await nothingIsLeft(network);
});

test("a cut in one direction lets datagrams through in the other", async (t) => {
  const network = await startPeers(t, ["a", "b"]);
  const [a, b] = network.peers as [Peer, Peer];
  const { filters } = network;
  const [onA, onB] = [cutOff(b), cutOff(a)];
  await filters.apply(a.container, { incoming: [], outgoing: onA.outgoing });
  await filters.apply(b.container, { incoming: onB.incoming, outgoing: [] });
  assert.deepEqual(await Promise.all([a.send(b, 50), b.send(a, 50)]), [
    { sent: 50, errors: [] },
    { sent: 50, errors: [] },
  ]);
  assert.equal(await b.dial(a, SOON_MS), "silence", "answers don't come back");
  const [gotA, gotB] = await Promise.all([a.got(), b.got()]);
  assert.deepEqual([gotA.udp[b.address], gotB.udp[a.address]], [50, undefined]);
  await Promise.all(network.peers.map(({ container }) => filters.apply(container, CLEAR)));
  await nothingIsLeft(network);
});

test("a loss of 0.3 takes that share of 2,000 datagrams, as the receiver and the kernel count them", async (t) => {
  const network = await startPeers(t, ["a", "b"]);
  const [a, b] = network.peers as [Peer, Peer];
  await network.filters.apply(b.container, { incoming: [{ from: a.address, loss: 0.3 }], outgoing: [] });
  assert.deepEqual(await a.send(b, 2_000), { sent: 2_000, errors: [] });
  const state = await network.filters.inForce(b.container);
  const [rule] = state?.incoming ?? [];
  assert.deepEqual([rule?.from, rule?.loss, rule?.seen], [a.address, 0.3, 2_000]);
  const { udp } = await b.got();
  assert.equal((udp[a.address] ?? 0) + (rule?.dropped ?? 0), 2_000);
  // Binomial: 600 and six times its deviation of 20.5.
  t.diagnostic(`${rule?.dropped} of 2000 were lost`);
  assert.ok(Math.abs((rule?.dropped ?? 0) - 600) <= 123, `${rule?.dropped} of 2000 were lost`);
});

test("where the newer iptables doesn't work, the older one does the same", async (t) => {
  const own = await toolsFiles(systemClock);
  if (!("files" in own) || !own.files.some(({ path }) => path.endsWith("/xtables-legacy-multi"))) {
    return t.skip("this machine has no older one");
  }
  const files = own.files.filter(({ path }) => !path.endsWith("/xtables-nft-multi"));
  const recipe = { name: `nomos-run-test-legacy-${process.pid}`, files, command: ["/bin/sh"], env: TOOLS_ENVIRONMENT };
  const network = await startPeers(t, ["a", "b"], (engine) => buildImage(engine, recipe));
  t.after(() => docker("image", "rm", network.image));
  const [a, b] = network.peers as [Peer, Peer];
  const { filters } = network;
  await filters.apply(a.container, { incoming: [{ from: b.address, loss: 0.5 }], outgoing: cutOff(b).outgoing });
  assert.deepEqual(await Promise.all([a.send(b, 50), b.send(a, 200)]), [
    { sent: 50, errors: [] },
    { sent: 200, errors: [] },
  ]);
  const state = await filters.inForce(a.container);
  assert.deepEqual([state?.incoming[0]?.seen, state?.outgoing[0]?.dropped], [200, 50]);
  const [gotA, gotB] = await Promise.all([a.got(), b.got()]);
  assert.deepEqual([200 - (gotA.udp[b.address] ?? 0), gotB.udp[a.address]], [state?.incoming[0]?.dropped, undefined]);
  await filters.apply(a.container, CLEAR);
  await nothingIsLeft(network);
});

test("a restart ends the rules; put again they hold, and what the others have holds meanwhile", async (t) => {
  const network = await startPeers(t, ["a", "b"]);
  const [a, b] = network.peers as [Peer, Peer];
  const { filters } = network;
  await Promise.all([filters.apply(a.container, cutOff(b)), filters.apply(b.container, cutOff(a))]);
  await docker("restart", "-t", "1", b.container);
  await b.ready();
  assert.deepEqual(await filters.inForce(b.container), { incoming: [], outgoing: [], shaped: [] });
  assert.deepEqual(await a.send(b, 50), { sent: 50, errors: [] });
  assert.deepEqual(await Promise.all([a.dial(b, SOON_MS), b.dial(a, SOON_MS)]), ["silence", "silence"]);
  const [gotA, gotB] = await Promise.all([a.got(), b.got()]);
  assert.deepEqual([gotA.tcp[b.address], gotB.udp[a.address], gotB.tcp[a.address]], [undefined, undefined, undefined]);

  assert.equal(await filters.apply(b.container, cutOff(a)), true);
  const state = await filters.inForce(b.container);
  assert.deepEqual([state?.incoming.length, state?.outgoing.length], [1, 1]);
  await Promise.all(network.peers.map(({ container }) => filters.apply(container, CLEAR)));
  await heals(a, b);
  await nothingIsLeft(network);
});

test("the same again is not done again, a paused container takes rules, and one that ended is no error", async (t) => {
  const network = await startPeers(t, ["a", "b"]);
  const [a, b] = network.peers as [Peer, Peer];
  const { filters } = network;
  await docker("pause", b.container);
  assert.equal(await filters.apply(b.container, cutOff(a)), true);
  await a.send(b, 10);
  const counted = await filters.inForce(b.container);
  assert.equal(counted?.incoming[0]?.seen, 10);
  // Rules that were put anew would count from 0.
  assert.equal(await filters.apply(b.container, cutOff(a)), true);
  assert.deepEqual(await filters.inForce(b.container), counted);
  await docker("unpause", b.container);

  // Whether it comes before or after the end, or in between.
  for (const traffic of [CLEAR, cutOff(a), CLEAR]) {
    const [put] = await Promise.all([filters.apply(b.container, traffic), docker("kill", b.container)]);
    assert.equal(typeof put, "boolean");
    assert.equal(await filters.apply(b.container, cutOff(a)), false);
    assert.equal(await filters.inForce(b.container), null);
    await docker("start", b.container);
  }
  await docker("rm", "-f", b.container);
  assert.equal(await filters.apply(b.container, CLEAR), false);
  assert.deepEqual(await toolsLeft(network), []);
  for (const { item, gone } of network.inventory) assert.equal(await gone(), true, item.id);
});

test("five containers take rules at once, and each the last that it was given", async (t) => {
  const network = await startPeers(t, ["a", "b", "c", "d", "e"]);
  const { filters, peers } = network;
  const others = (peer: Peer) => peers.filter((other) => other !== peer);
  const lossy = (peer: Peer, loss: number): Traffic => ({
    incoming: others(peer).map(({ address }) => ({ from: address, loss })),
    outgoing: [],
  });
  await filters.inForce(peers[0]?.container ?? "");
  await timed(t, "one container", () =>
    filters.apply(peers[0]?.container ?? "", lossy(peers[0] ?? assert.fail(), 0.2)),
  );
  await timed(t, "five at once", () =>
    Promise.all(peers.map((peer) => filters.apply(peer.container, lossy(peer, 0.1)))),
  );
  await Promise.all(
    peers.flatMap((peer) => [0.5, 0.25].map((loss) => filters.apply(peer.container, lossy(peer, loss)))),
  );
  for (const peer of peers) {
    const state = await filters.inForce(peer.container);
    assert.deepEqual(
      state?.incoming.map(({ from, loss }) => [from, loss]),
      others(peer).map(({ address }) => [address, 0.25]),
    );
  }
  await Promise.all(peers.map(({ container }) => filters.apply(container, CLEAR)));
  await nothingIsLeft(network);
});

test("rules that the kernel doesn't take are an error with its words, and what comes after them is put whole", async (t) => {
  const network = await startPeers(t, ["a", "b"]);
  const [a, b] = network.peers as [Peer, Peer];
  const { filters } = network;
  const limited = { to: b.address, cut: false, delayMs: 0, jitterMs: 0, bandwidthKbit: 1_000 };
  const wrong: Traffic = { incoming: [{ from: b.address, loss: -1 }], outgoing: [limited] };
  await assert.rejects(filters.apply(a.container, wrong), {
    code: "NR-DOCKER-FILTER",
    message: /^the packet filter of \S+-a takes no rules: .*probability/s,
  });
  // Nobody knows what is in force now: clear is not taken for done.
  assert.equal(await filters.apply(a.container, CLEAR), true);
  await docker("network", "disconnect", network.network, a.container);
  await assert.rejects(filters.apply(a.container, { incoming: [], outgoing: [limited] }), {
    code: "NR-DOCKER-FILTER",
    message: `${a.container} is not in the network ${network.network}`,
  });
  assert.equal(await filters.apply(a.container, cutOff(b)), true, "which needs no interface yet");
  await docker("network", "connect", "--ip", a.address, network.network, a.container);
  assert.equal(await b.dial(a, SOON_MS), "silence");
  assert.equal(await filters.apply(a.container, { incoming: [], outgoing: [limited] }), true);
  await filters.apply(a.container, CLEAR);
  await nothingIsLeft(network);
});

test("a container takes rules for as many peers as a network has", async (t) => {
  const network = await startPeers(t, ["a"]);
  const [a] = network.peers as [Peer];
  const others = Array.from({ length: MOST_NODES }, (_, i) => a.address.replace(/\d+$/, String(i + 11)));
  const traffic = {
    incoming: others.map((from) => ({ from, loss: 0.5 })),
    outgoing: others.map((to, i) => ({ to, cut: i % 2 === 0, delayMs: 0, jitterMs: 0, bandwidthKbit: 1_000 })),
  };
  await network.filters.inForce(a.container);
  await timed(t, `${MOST_NODES} peers`, () => network.filters.apply(a.container, traffic));
  const state = await network.filters.inForce(a.container);
  const counts = [state?.incoming.length, state?.outgoing.length, state?.shaped.length];
  assert.deepEqual(counts, [MOST_NODES, MOST_NODES / 2, MOST_NODES / 2]);
});
