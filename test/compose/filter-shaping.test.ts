import assert from "node:assert/strict";
import test from "node:test";
import { CodedError } from "../../lib/core/errors.ts";
import { buildImage } from "../../lib/host/docker/image.ts";
import { kernelCan } from "../../lib/host/docker/packet-filter-kernel.ts";
import { TOOLS_ENVIRONMENT, toolsFiles } from "../../lib/host/docker/tools-files.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { docker, type Peer, startPeers, toolsLeft } from "./filter-network.ts";

const peer = ({ address }: Peer) => ({ to: address, cut: false, delayMs: 0, jitterMs: 0 });
const KB = 1_000;
/** 400 kB take longer on no machine where nothing limits them: 1.6 s were seen where its host took a third of its time. */
const FAST_MS = 4_500;

test("bandwidth to one peer is limited, and no other line", async (t) => {
  const network = await startPeers(t, ["a", "b", "c"]);
  const [a, b, c] = network.peers as [Peer, Peer, Peer];
  const { filters } = network;
  const kernel = await kernelCan(network.engine, { ...network, clock: systemClock });
  if (!kernel.bandwidth) return t.skip(`this kernel limits nothing: ${kernel.refusals}`);
  const isFast = (ms: number) => assert.ok(ms < FAST_MS, `${ms} ms`);
  isFast(await a.stream(b, 400 * KB));
  await filters.apply(a.container, { incoming: [], outgoing: [{ ...peer(b), bandwidthKbit: 500 }] });
  assert.equal((await filters.inForce(a.container))?.shaped.length, 1);
  const [slow, free] = await Promise.all([a.stream(b, 400 * KB), a.stream(c, 400 * KB)]);
  // By itself: what acknowledges it would wait in the same line.
  const back = await b.stream(a, 400 * KB);
  t.diagnostic(`400 kB in ${Math.round(slow)} ms at 500 kbit/s, ${Math.round(free)} ms to another peer`);
  // 6.4 s for the bytes alone, less what may leave at once.
  assert.ok(slow > 5_800 && slow < 30_000, `${slow} ms`);
  isFast(free);
  isFast(back);

  await docker("restart", "-t", "1", a.container);
  await a.ready();
  isFast(await a.stream(b, 400 * KB));
  await filters.apply(a.container, { incoming: [], outgoing: [{ ...peer(b), bandwidthKbit: 2_000 }] });
  const again = await a.stream(b, 400 * KB);
  assert.ok(again > 1_200 && again < slow, `${again} ms`);
  await filters.apply(a.container, { incoming: [], outgoing: [] });
  isFast(await a.stream(b, 400 * KB));
  assert.equal((await filters.inForce(a.container))?.shaped.length, 0);
  assert.deepEqual(await toolsLeft(network), []);
});

test("bandwidth is refused by name where the kernel, or what speaks with it, can't limit it", async (t) => {
  const own = await toolsFiles(systemClock);
  if (!("files" in own)) return t.skip("this machine has no tools");
  const files = own.files.filter(({ path }) => !path.endsWith("/tc"));
  const recipe = { name: `nomos-run-test-no-tc-${process.pid}`, files, command: ["/bin/sh"], env: TOOLS_ENVIRONMENT };
  const network = await startPeers(t, ["a", "b"], (engine) => buildImage(engine, recipe));
  t.after(() => docker("image", "rm", network.image));
  const [a, b] = network.peers as [Peer, Peer];
  const outgoing = [{ ...peer(b), bandwidthKbit: 1_000 }];
  await assert.rejects(network.filters.apply(a.container, { incoming: [], outgoing }), {
    code: "NR-DOCKER-KERNEL",
    message: /^the kernel at \S+ can't limit bandwidth: .*bandwidth: .*tc: not found/,
  });
});

test("packets wait where the kernel can let them, and are refused by name where it can't", async (t) => {
  const network = await startPeers(t, ["a", "b"]);
  const [a, b] = network.peers as [Peer, Peer];
  const kernel = await kernelCan(network.engine, { ...network, clock: systemClock });
  const apply = () =>
    network.filters.apply(a.container, { incoming: [], outgoing: [{ ...peer(b), delayMs: 200, jitterMs: 20 }] });
  assert.equal(await a.talk(b, 5_000), "echo");
  if (kernel.delay) {
    await apply();
    const from = performance.now();
    assert.equal(await a.talk(b, 5_000), "echo");
    const took = performance.now() - from;
    assert.ok(took >= 199 && took < 1_000, `${took} ms`);
  } else {
    t.diagnostic(kernel.refusals);
    // The kernel's own words: tc found nothing wrong with what it was given.
    assert.match(kernel.refusals, /delay: Error: Specified qdisc kind is unknown/);
    await assert.rejects(apply, (thrown) => {
      assert.ok(thrown instanceof CodedError);
      assert.equal(thrown.code, "NR-DOCKER-KERNEL");
      assert.match(thrown.message, /^the kernel at \S+ can't delay packets: /);
      return true;
    });
    assert.deepEqual(await network.filters.inForce(a.container), { incoming: [], outgoing: [], shaped: [] });
  }
});
