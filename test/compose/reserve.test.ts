import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { hostname } from "node:os";
import test from "node:test";
import { candidatesOf, MOST_NODES } from "../../lib/deployers/compose/addresses.ts";
import { reserveNetworks } from "../../lib/deployers/compose/reserve.ts";
import { engineAddress } from "../../lib/host/docker/address.ts";
import { connectEngine } from "../../lib/host/docker/engine.ts";
import { thingsOf } from "../../lib/host/docker/engine-runs.ts";
import { projectOf } from "../../lib/host/docker/labels.ts";
import { sweepEngine } from "../../lib/host/docker/sweep.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import type { InventoryItem } from "../../lib/model/inventory.ts";

const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8" }).trim();
const never = new AbortController().signal;

function runOf(runId: string) {
  const items: { item: InventoryItem; gone: () => Promise<boolean> }[] = [];
  const names = ["validator-0", "validator-1"];
  return {
    runId,
    names,
    items,
    inventory: { add: (item: InventoryItem, gone: () => Promise<boolean>) => items.push({ item, gone }) },
  };
}

test("cells have nothing in common, lie below the ephemeral range, and hold the largest network", () => {
  const names = Array.from({ length: MOST_NODES }, (_, i) => `validator-${i}`);
  const all = [...candidatesOf("a", names, "127.0.0.1")];
  const places = all.flatMap(({ nodes }) => nodes.flatMap(({ reach }) => [reach?.apiPort, reach?.testingPort]));
  assert.equal(new Set(places).size, 24 * MOST_NODES * 2);
  assert.ok(places.every((port) => port !== undefined && port >= 20_096 && port < 32_768));
  assert.equal(new Set(all.flatMap(({ peers, control }) => [peers, control])).size, 48);
  const hosts = all[0]?.nodes.map(({ host }) => Number(host.split(".")[3])) ?? [];
  assert.deepEqual([hosts.at(0), hosts.at(-1)], [10, 249]);
});

test("runs get networks that Docker's own client knows, apart from one another, and a sweep leaves none", async () => {
  const engine = await connectEngine(engineAddress({}), systemClock);
  const [one, two] = [runOf(`reserve-a-${process.pid}`), runOf(`reserve-b-${process.pid}`)];
  try {
    const first = await reserveNetworks(engine, one, never);
    const second = await reserveNetworks(engine, two, never);
    const [a, b] = [first, second].map(({ nodes }) => nodes.map(({ host, reach }) => [host, reach?.apiPort]).flat());
    assert.deepEqual(
      a?.filter((place) => b?.includes(place)),
      [],
    );
    const shown = docker("network", "inspect", first.peers, "-f", "{{.Internal}} {{(index .IPAM.Config 0).Subnet}}");
    assert.equal(shown, `true ${first.nodes[0]?.host.replace(/\.10$/, ".0/24")}`);
    const labels = JSON.parse(docker("network", "inspect", first.control, "-f", "{{json .Labels}}")) as unknown;
    assert.deepEqual(labels, {
      "nomos-run.run": one.runId,
      "nomos-run.from": hostname(),
      "com.docker.compose.project": projectOf(one.runId),
      "com.docker.compose.network": "control",
      "com.docker.compose.version": "1.29.2",
    });
    assert.deepEqual(await Promise.all(one.items.map(({ gone }) => gone())), [false, false]);
  } finally {
    for (const { runId } of [one, two]) await sweepEngine(engine, { runId, clock: systemClock, graceMs: 0 });
  }
  assert.deepEqual(await Promise.all(one.items.map(({ gone }) => gone())), [true, true]);
  assert.deepEqual(await thingsOf(engine, one.runId), []);
});

test("addresses of which a program has a port, or whose subnet is somebody's, are passed over", async () => {
  const engine = await connectEngine(engineAddress({}), systemClock);
  const run = runOf(`taken-${process.pid}`);
  const [first, second, third] = candidatesOf(run.runId, run.names, "127.0.0.1");
  const thief = createServer().listen({ host: "127.0.0.1", port: first?.nodes[1]?.reach?.testingPort ?? 0 });
  await once(thief, "listening");
  const foreign = docker("network", "create", "--subnet", second?.control ?? "", `nomos-run-foreign-${process.pid}`);
  try {
    const reservation = await reserveNetworks(engine, run, never);
    assert.deepEqual(reservation.nodes, third?.nodes);
    assert.equal((await thingsOf(engine, run.runId)).length, 2, "what was made in vain is gone");
  } finally {
    thief.close();
    docker("network", "rm", foreign);
    await sweepEngine(engine, { runId: run.runId, clock: systemClock, graceMs: 0 });
  }
});
