import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import test from "node:test";
import { waitFor } from "../../lib/core/wait.ts";
import { loopbackCandidates, portCandidates } from "../../lib/deployers/local/addresses.ts";
import { createLocalDeployer, type LocalDeployerOptions } from "../../lib/deployers/local/local.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import type { Plan } from "../../lib/model/plan.ts";
import { type BackendUnderTest, conformance } from "./conformance.ts";
import { standInPlan } from "./stand-in/kind.ts";
import { listenAt, openTransport, type Reserved, startOn } from "./start-on.ts";

const startLocal = (plan: Plan, candidates: NonNullable<LocalDeployerOptions["candidates"]>, reserved?: Reserved) =>
  startOn(createLocalDeployer({ openTransport, candidates }), plan, reserved);

function local(name: string, candidates: NonNullable<LocalDeployerOptions["candidates"]>): BackendUnderTest {
  return {
    name,
    start: (plan) => startLocal(plan, candidates),

    async crash(node) {
      process.kill(Number(node.handle.replace("pid ", "")), "SIGKILL");
    },

    takePort: (cluster, node) => listenAt(cluster.node(node).bound),

    portTaken: ({ planned, bound }) => ({
      code: "NR-LOCAL-PORT-TAKEN",
      text: new RegExp(`${planned.name} can't start: ${bound.host}:${bound.apiPort}, held by pid \\d+ \\(`),
    }),
  };
}

conformance(local("local, an address a node", loopbackCandidates));
conformance(local("local, ports of one address", portCandidates));

test("local: a node that finds its port taken when it boots says who has it", async () => {
  const thief = createServer();
  await using run = await startLocal(standInPlan(2), loopbackCandidates, async ({ nodes: [, node] }) => {
    thief.listen({ host: node?.host ?? "", port: node?.peerPort ?? 0 });
    await once(thief, "listening");
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
