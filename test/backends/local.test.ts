import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { waitFor } from "../../lib/core/wait.ts";
import { loopbackCandidates, portCandidates } from "../../lib/deployers/local/addresses.ts";
import { createLocalDeployer, type LocalDeployerOptions } from "../../lib/deployers/local/local.ts";
import { startGuardian } from "../../lib/host/guardian-client.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import type { Binding, BoundNode } from "../../lib/model/binding.ts";
import type { RunEvent } from "../../lib/model/events.ts";
import type { InventoryItem } from "../../lib/model/inventory.ts";
import type { Plan } from "../../lib/model/plan.ts";
import type { Transport } from "../../lib/model/transport.ts";
import { type BackendRun, type BackendUnderTest, conformance } from "./conformance.ts";
import { standInKind, standInPlan } from "./stand-in/kind.ts";

function openTransport(node: BoundNode): Transport {
  return {
    request: ({ method, path, timeoutMs }) =>
      new Promise((resolve, reject) => {
        const { host, apiPort: port } = node;
        const call = request({ host, port, method, path, agent: false, timeout: timeoutMs }, (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (chunk: string) => {
            text += chunk;
          });
          response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        });
        call.on("timeout", () => call.destroy(new Error("no answer")));
        call.on("error", reject).end();
      }),
    close: async () => undefined,
  };
}

let runs = 0;

interface Options {
  readonly candidates: NonNullable<LocalDeployerOptions["candidates"]>;
  /** Called between reserve and deploy. */
  readonly reserved?: (binding: Binding) => Promise<void>;
}

async function startLocal(plan: Plan, { candidates, reserved }: Options): Promise<BackendRun> {
  const runId = `conformance-${process.pid}-${runs++}`;
  const folder = await mkdtemp(join(tmpdir(), `nomos-run-${runId}-`));
  const guardian = await startGuardian({
    runId,
    clock: systemClock,
    logFile: join(folder, "guardian.log"),
    cwd: folder,
  });
  const events: RunEvent[] = [];
  const items: { item: InventoryItem; gone: () => Promise<boolean> }[] = [];
  const signal = new AbortController().signal;
  const deployment = createLocalDeployer({ openTransport, candidates }).open({
    runId,
    plan,
    nodeKind: standInKind,
    genesis: standInKind.genesis(plan),
    folder,
    clock: systemClock,
    spawner: guardian,
    inventory: { add: (item, gone) => items.push({ item, gone }) },
    events: {
      emit: (type, data) => events.push({ v: 1, seq: events.length, t: 0, type, ...data } as unknown as RunEvent),
    },
  });
  const binding = await deployment.reserve(signal);
  await reserved?.(binding);
  const cluster = await deployment.deploy(binding, signal);
  return {
    folder,
    cluster,
    events,
    created: () => items.length,
    async left() {
      const gone = await Promise.all(items.map((entry) => entry.gone()));
      return items.filter((_, i) => !gone[i]).map(({ item }) => item);
    },
    sweep: () => deployment.sweep(signal),
    async [Symbol.asyncDispose]() {
      const now = new AbortController();
      now.abort();
      await deployment.sweep(now.signal);
      await guardian.stop();
      await rm(folder, { recursive: true });
    },
  };
}

function local(name: string, candidates: NonNullable<LocalDeployerOptions["candidates"]>): BackendUnderTest {
  return {
    name,
    start: (plan) => startLocal(plan, { candidates }),

    async crash(node) {
      process.kill(Number(node.handle.replace("pid ", "")), "SIGKILL");
    },

    async takePort(cluster, node) {
      const { host, apiPort: port } = cluster.node(node).bound;
      const thief = createServer().listen({ host, port });
      await once(thief, "listening");
      return {
        async [Symbol.asyncDispose]() {
          thief.close();
          await once(thief, "close");
        },
      };
    },
  };
}

conformance(local("local, an address a node", loopbackCandidates));
conformance(local("local, ports of one address", portCandidates));

test("local: a node that finds its port taken when it boots says who has it", async () => {
  const thief = createServer();
  await using run = await startLocal(standInPlan(2), {
    candidates: loopbackCandidates,
    async reserved({ nodes: [, node] }) {
      thief.listen({ host: node?.host ?? "", port: node?.peerPort ?? 0 });
      await once(thief, "listening");
    },
  });
  try {
    const why = await waitFor({
      clock: systemClock,
      what: "validator-1 to end",
      timeoutMs: 5_000,
      intervalMs: 10,
      look: () => {
        const node = run.cluster.node("validator-1");
        return node.state === "stopped" ? { done: true, value: node.why ?? "" } : { done: false, seen: "it runs" };
      },
    });
    assert.match(
      why,
      new RegExp(`^NR-LOCAL-PORT-TAKEN: 127\\.\\d+\\.\\d+\\.3:18\\d82, held by pid ${process.pid} \\(`),
    );
  } finally {
    thief.close();
  }
});
