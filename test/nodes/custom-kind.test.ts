import assert from "node:assert/strict";
import test from "node:test";
import { createComposeDeployer } from "../../lib/deployers/compose/compose.ts";
import { createLocalDeployer } from "../../lib/deployers/local/local.ts";
import { createSimulationDeployer } from "../../lib/deployers/simulation/simulation.ts";
import { type ScenarioBuilder, scenario } from "../../lib/plan/builder/scenario.ts";
import { leaders, one } from "../../lib/plan/builder/targets.ts";
import { type CustomNodeKind, nodeKind } from "../../lib/plan/custom-node-kind.ts";
import { RefusedPlan } from "../../lib/plan/problem.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import { registryOf } from "../simulation/simulate.ts";

const kind = nodeKind({
  name: "own",
  capabilities: ["node.restart"],
  render: () => ({ files: [], program: "/bin/true", args: [], env: {} }),
  connect: () => null,
  lacks: async () => null,
});

const local = createLocalDeployer({ openTransport: () => assert.fail("nothing is started") });
const compose = createComposeDeployer({ env: {}, openTransport: () => assert.fail("nothing is started") });
const registry = registryOf([local, compose, createSimulationDeployer()]);

/** Codes and messages of what a plan with nodes of an own kind is refused for. */
function refusals(write: (own: ScenarioBuilder) => ScenarioBuilder, deployer = "local"): string[] {
  try {
    const own = scenario("own")
      .topologyWith((t) => t.nodes(3))
      .withNodeKind(kind);
    resolve(write(own).build(), { drawnSeed: "own", deployer }, registry);
    return [];
  } catch (error) {
    if (!(error instanceof RefusedPlan)) throw error;
    return error.problems.map(({ code, message }) => `${code} ${message}`);
  }
}

test("nodes of an own kind are planned without a chain: no blocks are forecast, and nothing is judged by them", () => {
  const written = scenario("own")
    .topologyWith((t) => t.nodes(3))
    .withNodeKind(kind)
    .build();
  const { plan, forecast } = resolve(written, { drawnSeed: "own" }, registry);
  assert.deepEqual([plan.nodeKind, plan.customNodeKind, plan.da], ["own", true, null]);
  assert.deepEqual(
    plan.expectations.map(({ name }) => name),
    ["no-unexpected-exit"],
  );
  assert.deepEqual([forecast.p, forecast.expectedBlocks, forecast.settleSlots], [0, 0, 0]);
});

test("what needs a blockchain, the simulation, or more than the kind can do is refused, each with its reason", () => {
  const chain = "a blockchain, and nodes of the kind own make none";
  assert.deepEqual(
    refusals((own) => own.wallets(10).transactionsWith((txs) => txs.rate(1))),
    [
      `NR-PLAN-NO-CHAIN the workload transactions needs ${chain}`,
      `NR-PLAN-NO-CHAIN the expectation transaction-inclusion is about ${chain}`,
      `NR-PLAN-NO-CHAIN wallets are of ${chain}`,
    ],
  );
  assert.deepEqual(
    refusals((own) => own.expectConsensusLiveness()),
    [`NR-PLAN-NO-CHAIN the expectation liveness is about ${chain}`],
  );
  const byLeader = (own: ScenarioBuilder) =>
    own.enableNodeControl().chaosWith((chaos) => chaos.restart({ at: "5s", targets: leaders() }));
  assert.deepEqual(refusals(byLeader), [`NR-PLAN-NO-CHAIN leaders() are of ${chain}`]);
  const killed = (own: ScenarioBuilder) => own.enableNodeControl().chaosWith((chaos) => chaos.kill({ at: "5s" }));
  assert.deepEqual(refusals(killed), [
    "NR-PLAN-CAPABILITY the workload chaos needs node.kill, and the node kind own can't do that",
  ]);
  const cut = (own: ScenarioBuilder) =>
    own
      .withNodeKind({ ...kind, capabilities: ["node.restart", "link.partition"] })
      .enableNodeControl()
      .chaosWith((chaos) => chaos.partition({ at: "1s", for: "1s", targets: one() }));
  assert.deepEqual(refusals(cut), [
    "NR-PLAN-CAPABILITY the workload chaos needs link.partition, which the backend local leaves to the nodes, and nodes of the kind own can't do that",
  ]);
  assert.deepEqual(refusals(cut, "compose"), []);
  assert.deepEqual(
    refusals((own) => own, "sim"),
    ["NR-SIM-NODE-KIND nodes of the kind own can't run on the backend sim, whose nodes are part of this program"],
  );
});

test("something that is no node kind is refused by build", () => {
  const build = (wrong: unknown) => () =>
    scenario("own")
      .topologyWith((t) => t.nodes(3))
      .withNodeKind(wrong as CustomNodeKind)
      .build();
  assert.throws(build({ name: "own" }), /NR-PLAN-VALUE\s+withNodeKind was given .* without render/);
  assert.throws(
    build({ ...kind, capabilities: ["link.delay"] }),
    /"link.delay" can't be done to nodes of your own kind/,
  );
  assert.throws(build({ ...kind, name: "a b" }), /NR-PLAN-NAME/);
});
