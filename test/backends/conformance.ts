import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CodedError } from "../../lib/core/errors.ts";
import { waitFor } from "../../lib/core/wait.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import type { Cluster, Node, NodeEnd, RunningNode } from "../../lib/model/cluster.ts";
import type { RunEvent } from "../../lib/model/events.ts";
import type { InventoryItem } from "../../lib/model/inventory.ts";
import { standInPlan } from "./stand-in/kind.ts";

/** A run on the backend under test. */
export interface BackendRun {
  readonly folder: string;
  readonly cluster: Cluster;
  readonly events: readonly RunEvent[];
  /** The inventory's items, and whether the world still shows each. */
  left(): Promise<InventoryItem[]>;
  created(): number;
  /** Sweeps, and returns what the sweep could not remove. */
  sweep(): Promise<readonly unknown[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What the suite needs to know of a backend beside the contract. */
export interface BackendUnderTest {
  readonly name: string;
  start(plan: ReturnType<typeof standInPlan>): Promise<BackendRun>;
  /** Ends the node's process by a hand that is not the run's. */
  crash(node: RunningNode): Promise<void>;
  /** Has another program listen where a stopped node would. */
  takePort(cluster: Cluster, node: string): Promise<AsyncDisposable>;
  /** What is said of that. */
  portTaken(node: Node): { readonly code: string; readonly text: RegExp };
}

/** How often the node was started, as it says itself over its API; waits until it answers. */
async function startsSaid(cluster: Cluster, name: string): Promise<number> {
  return waitFor({
    clock: systemClock,
    what: `${name} to answer`,
    timeoutMs: 20_000,
    intervalMs: 20,
    look: async () => {
      const node = cluster.node(name);
      if (node.state === "stopped") return { done: false, seen: `stopped: ${node.why}` };
      try {
        const { pendingItems } = await node.client.mempool({ timeoutMs: 1_000 });
        return { done: true, value: pendingItems };
      } catch (error) {
        return { done: false, seen: String(error) };
      }
    },
  });
}

async function nextEnd(ends: readonly NodeEnd[], count: number): Promise<NodeEnd> {
  return waitFor({
    clock: systemClock,
    what: `${count} ends of nodes`,
    timeoutMs: 10_000,
    intervalMs: 10,
    look: () => {
      const end = ends[count - 1];
      return end ? { done: true, value: end } : { done: false, seen: JSON.stringify(ends) };
    },
  });
}

function coded(code: string, text: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof CodedError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, text);
    return true;
  };
}

/** The contract that every backend keeps: each control, addresses, logs, ends, clean-up, two runs at once. */
export function conformance(backend: BackendUnderTest): void {
  describe(backend.name, { concurrency: 4 }, () => contract(backend));
}

function contract(backend: BackendUnderTest): void {
  it("starts every node on an address of its own, and removes every trace", async () => {
    await using run = await backend.start(standInPlan(3));
    const { cluster } = run;
    assert.deepEqual(
      cluster.nodes().map((node) => [node.planned.name, node.state]),
      [0, 1, 2].map((i) => [`validator-${i}`, "running"]),
    );
    for (const { planned } of cluster.nodes()) assert.equal(await startsSaid(cluster, planned.name), 1);
    const places = cluster.running().map(({ bound }) => `${bound.host}:${bound.apiPort}`);
    assert.equal(new Set(places).size, 3);
    assert.ok(run.created() >= 3);

    assert.deepEqual(await run.sweep(), []);
    assert.deepEqual(await run.left(), []);
    assert.deepEqual(cluster.running(), []);
    const ended = run.events.filter((event) => event.type === "node.ended");
    assert.deepEqual(
      ended.map((event) => event.expected),
      [true, true, true],
    );
    assert.deepEqual(await run.sweep(), [], "a second sweep finds nothing and harms nothing");
  });

  it("restarts a node with the same addresses and state, and keeps one log over its starts", async () => {
    await using run = await backend.start(standInPlan(2));
    const { cluster } = run;
    assert.equal(await startsSaid(cluster, "validator-1"), 1);
    const before = cluster.node("validator-1");
    const seenBefore = await cluster.observe("validator-1");
    await cluster.control.restart("validator-1");
    assert.equal(await startsSaid(cluster, "validator-1"), 2);
    const after = cluster.node("validator-1");
    assert.deepEqual(after.bound, before.bound);
    assert.equal(after.state === "running" && after.start, 2);
    const seenAfter = await cluster.observe("validator-1");
    assert.deepEqual([seenBefore.alive, seenAfter.alive], [true, true]);
    assert.notEqual(seenBefore.identity, seenAfter.identity);
    assert.equal(cluster.node("validator-0").state, "running");

    await run.sweep();
    const log = await readFile(join(run.folder, "logs", "validator-1.log"), "utf8");
    assert.match(log, /^start 1\nended in order\nstart 2\n/);
    const starts = run.events.flatMap((event) =>
      event.type === "node.started" ? [`${event.start} ${event.node} by ${event.by}`] : [],
    );
    // Those of the run are at once, in any order.
    assert.deepEqual(starts.sort(), ["1 validator-0 by run", "1 validator-1 by run", "2 validator-1 by fault"]);
    assert.deepEqual(await run.left(), []);
    assert.ok(run.created() >= 3, "each start is an item of its own");
  });

  it("stops a node, starts it again, and refuses acts that don't fit its state", async () => {
    await using run = await backend.start(standInPlan(1));
    const { cluster } = run;
    await startsSaid(cluster, "validator-0");
    await cluster.control.stop("validator-0");
    assert.equal(cluster.node("validator-0").state, "stopped");
    assert.deepEqual(await cluster.observe("validator-0"), { alive: false, paused: false, identity: null });
    for (const act of ["stop", "kill", "restart"] as const) {
      await assert.rejects(cluster.control[act]("validator-0"), coded("NR-NODE-STATE", /it has ended/));
    }
    await cluster.control.start("validator-0");
    await assert.rejects(cluster.control.start("validator-0"), coded("NR-NODE-STATE", /it is running/));
    assert.equal(await startsSaid(cluster, "validator-0"), 2);
  });

  it("kills a node at once, and calls that end expected", async () => {
    await using run = await backend.start(standInPlan(2, "validator-0"));
    const { cluster } = run;
    const ends: NodeEnd[] = [];
    cluster.onEnd((end) => ends.push(end));
    await startsSaid(cluster, "validator-0");
    await cluster.control.kill("validator-0");
    assert.equal((await cluster.observe("validator-0")).alive, false);
    assert.deepEqual(ends, [{ node: "validator-0", start: 1, expected: true, why: "SIGKILL, as asked" }]);
    assert.equal((await cluster.observe("validator-1")).alive, true);
  });

  it("kills a node that ignores SIGTERM when its 5 s are over", async () => {
    await using run = await backend.start(standInPlan(1, "validator-0"));
    const { cluster } = run;
    await startsSaid(cluster, "validator-0");
    const began = systemClock.now();
    await cluster.control.stop("validator-0");
    const took = systemClock.now() - began;
    assert.ok(took >= 5_000 && took < 8_000, `${took} ms`);
    assert.equal((await cluster.observe("validator-0")).alive, false);
  });

  it("notices a crash, and calls it unexpected", async () => {
    await using run = await backend.start(standInPlan(2));
    const { cluster } = run;
    const ends: NodeEnd[] = [];
    const unsubscribe = cluster.onEnd((end) => ends.push(end));
    await startsSaid(cluster, "validator-1");
    const node = cluster.node("validator-1");
    assert.equal(node.state, "running");
    await backend.crash(node as RunningNode);
    const end = await nextEnd(ends, 1);
    assert.deepEqual([end.node, end.start, end.expected], ["validator-1", 1, false]);
    assert.match(end.why, /SIGKILL|137/);
    const after = cluster.node("validator-1");
    assert.equal(after.state === "stopped" && after.why, end.why);
    unsubscribe();
    await cluster.control.start("validator-1");
    assert.equal(await startsSaid(cluster, "validator-1"), 2, "a crashed node can be started again");
    await cluster.control.stop("validator-1");
    assert.equal(ends.length, 1, "an unsubscribed listener is left alone");
  });

  it("does acts on one node one after the other", async () => {
    await using run = await backend.start(standInPlan(1));
    const { cluster } = run;
    await startsSaid(cluster, "validator-0");
    const { control } = cluster;
    await Promise.all([
      control.restart("validator-0"),
      control.stop("validator-0"),
      control.start("validator-0"),
      control.kill("validator-0"),
      control.start("validator-0"),
    ]);
    assert.equal((await startsSaid(cluster, "validator-0")) >= 2, true);
    const started = run.events.filter((event) => event.type === "node.started").map((event) => event.start);
    assert.deepEqual(started, [1, 2, 3, 4]);
  });

  it("drops an act whose signal aborts before its turn", async () => {
    await using run = await backend.start(standInPlan(1));
    const { control } = run.cluster;
    const abort = new AbortController();
    const first = control.restart("validator-0");
    const second = control.kill("validator-0", abort.signal);
    abort.abort(new CodedError("NR-CORE-INTERRUPTED", "no longer wanted"));
    await assert.rejects(second, coded("NR-CORE-INTERRUPTED", /no longer wanted/));
    await first;
    assert.equal(run.cluster.node("validator-0").state, "running");
  });

  it("says within 5 s that another program has a stopped node's port", async () => {
    await using run = await backend.start(standInPlan(2));
    const { cluster } = run;
    await startsSaid(cluster, "validator-1");
    await cluster.control.stop("validator-1");
    const { code, text } = backend.portTaken(cluster.node("validator-1"));
    {
      await using _thief = await backend.takePort(cluster, "validator-1");
      const began = systemClock.now();
      await assert.rejects(cluster.control.start("validator-1"), coded(code, text));
      assert.ok(systemClock.now() - began < 5_000);
      assert.equal(cluster.node("validator-1").state, "stopped");
    }
    await cluster.control.start("validator-1");
    assert.equal(await startsSaid(cluster, "validator-1"), 2);
  });

  it("keeps two runs at once apart", async () => {
    await using one = await backend.start(standInPlan(2));
    await using two = await backend.start(standInPlan(2));
    await Promise.all(
      [one, two].flatMap(({ cluster }) => cluster.nodes().map(({ planned }) => startsSaid(cluster, planned.name))),
    );
    await one.sweep();
    assert.deepEqual(await one.left(), []);
    assert.equal(two.cluster.running().length, 2);
    assert.equal(await startsSaid(two.cluster, "validator-0"), 1);
  });

  it("pauses a node, which says nothing, lets it go on, and stops one that is paused", async () => {
    await using run = await backend.start(standInPlan(1));
    const { cluster } = run;
    await startsSaid(cluster, "validator-0");
    const { identity } = await cluster.observe("validator-0");
    await cluster.control.pause("validator-0");
    assert.deepEqual(await cluster.observe("validator-0"), { alive: true, paused: true, identity });
    await assert.rejects((cluster.node("validator-0") as RunningNode).client.mempool({ timeoutMs: 300 }));
    await cluster.control.release();
    assert.deepEqual(await cluster.observe("validator-0"), { alive: true, paused: false, identity });
    assert.equal(await startsSaid(cluster, "validator-0"), 1);
    await cluster.control.pause("validator-0");
    await cluster.control.stop("validator-0");
    assert.equal((await cluster.observe("validator-0")).alive, false);
  });

  it("wipes the state of a stopped node only", async () => {
    await using run = await backend.start(standInPlan(1));
    const { cluster } = run;
    await cluster.control.restart("validator-0");
    assert.equal((await startsSaid(cluster, "validator-0")) >= 1, true);
    await assert.rejects(cluster.control.wipe("validator-0"), coded("NR-NODE-STATE", /it is running/));
    await cluster.control.stop("validator-0");
    await cluster.control.wipe("validator-0");
    await cluster.control.start("validator-0");
    assert.equal(await startsSaid(cluster, "validator-0"), 1, "it counts its starts in its state");
  });

  it("knows its own nodes only", async () => {
    await using run = await backend.start(standInPlan(1));
    assert.throws(() => run.cluster.node("validator-7"), coded("NR-NODE-UNKNOWN", /"validator-7"/));
  });
}
