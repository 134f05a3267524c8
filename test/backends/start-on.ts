import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGuardian } from "../../lib/host/guardian-client.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import type { Binding, BoundNode } from "../../lib/model/binding.ts";
import type { Deployer } from "../../lib/model/deployer.ts";
import type { RunEvent } from "../../lib/model/events.ts";
import type { InventoryItem } from "../../lib/model/inventory.ts";
import type { Plan } from "../../lib/model/plan.ts";
import type { Transport } from "../../lib/model/transport.ts";
import type { BackendRun } from "./conformance.ts";
import { standInKind } from "./stand-in/kind.ts";

/** One connection a request: what stands at a place now answers. */
export function openTransport(node: BoundNode): Transport {
  return {
    request: ({ method, path, timeoutMs }) =>
      new Promise((resolve, reject) => {
        const { host, apiPort: port } = node.reach ?? node;
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

/** Called between reserve and deploy. */
export type Reserved = (binding: Binding) => Promise<void>;

/** A run of stand-ins on this backend, with a guardian and no judge. */
export async function startOn(deployer: Deployer, plan: Plan, reserved?: Reserved): Promise<BackendRun> {
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
  const deployment = deployer.open({
    runId,
    plan,
    nodeKind: standInKind,
    genesis: standInKind.genesis(plan),
    folder,
    clock: systemClock,
    spawner: guardian,
    needs: [],
    inventory: { add: (item, gone) => items.push({ item, gone }), removedByOthers: () => undefined },
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

/** Has this program listen where a node's API would. */
export async function listenAt(bound: BoundNode): Promise<AsyncDisposable> {
  const { host, apiPort: port } = bound.reach ?? bound;
  const thief = createServer().listen({ host, port });
  await once(thief, "listening");
  return {
    async [Symbol.asyncDispose]() {
      thief.close();
      await once(thief, "close");
    },
  };
}
