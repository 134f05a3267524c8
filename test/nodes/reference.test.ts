import assert from "node:assert/strict";
import test from "node:test";
import { genesisNotes } from "../../lib/chain/genesis.ts";
import { CodedError, must } from "../../lib/core/errors.ts";
import type { Json, Plan } from "../../lib/model/plan.ts";
import { referenceKind } from "../../lib/nodes/reference/kind.ts";

function planOf(
  names: readonly string[],
  extra: { seed?: string; configPatch?: Json; wallets?: Plan["wallets"] } = {},
): Plan {
  return {
    v: 1,
    name: "test",
    seed: extra.seed ?? "seed",
    profile: "default",
    deployer: "local",
    nodeKind: "reference",
    durationMs: 1_000,
    timeScale: 1,
    consensus: { slotMs: 2_000, k: 10, f: 0.9, tieBreak: "smaller-id" },
    topology: {
      layout: "star",
      nodes: names.map((name, index) => ({
        name,
        role: name.startsWith("executor") ? ("executor" as const) : ("validator" as const),
        index,
        stake: 1_000,
        neighbours: index === 0 ? names.slice(1) : [names[0] as string],
        ...(extra.configPatch === undefined ? {} : { configPatch: extra.configPatch }),
      })),
    },
    wallets: extra.wallets ?? { count: 3, totalFunds: 100 },
    da: null,
    workloads: [],
    expectations: [],
  };
}

function render(plan: Plan) {
  const nodes = plan.topology.nodes.map(({ name }, i) => ({
    name,
    host: `127.0.0.${2 + i}`,
    apiPort: 18_080,
    testingPort: 18_081,
    peerPort: 18_082,
  }));
  const binding = { runId: "run", chainStartMs: 1_700_000_000_000, nodes };
  const [node] = plan.topology.nodes;
  assert.ok(node);
  return referenceKind.render({ plan, binding, genesis: referenceKind.genesis(plan), node });
}

test("equal plans have equal genesis; another seed another one", () => {
  const names = ["validator-0", "executor-0"];
  const { id } = referenceKind.genesis(planOf(names));
  assert.equal(referenceKind.genesis(planOf(names)).id, id);
  assert.notEqual(referenceKind.genesis(planOf(names, { seed: "other" })).id, id);
});

test("the funds are split evenly, the rest goes to the first wallets", () => {
  const genesis = referenceKind.genesis(planOf(["validator-0"]));
  const values = genesisNotes(genesis).map(({ note }) => note.value);
  assert.deepEqual(values, [1_000n, 34n, 33n, 33n]);
});

test("subnetworks: as many as nodes, two members each, no member alone", () => {
  const layout = (names: string[]) => must(referenceKind.da(names.map((name) => ({ name }))), "a layout");
  assert.deepEqual(layout(["validator-0"]), {
    shares: 2,
    needed: 1,
    members: [["validator-0"], ["validator-0"]],
    samples: 1,
  });
  assert.deepEqual(layout(["validator-0", "validator-1", "validator-2", "executor-0", "executor-1"]), {
    shares: 5,
    needed: 3,
    members: [
      ["executor-0", "executor-1"],
      ["executor-1", "validator-0"],
      ["validator-0", "validator-1"],
      ["validator-1", "validator-2"],
      ["validator-2", "executor-0"],
    ],
    samples: 1,
  });
  const large = layout(Array.from({ length: 1_000 }, (_, i) => `validator-${i}`));
  assert.deepEqual([large.shares, large.needed, large.members.length], [256, 128, 256]);
});

test("occupancy is that of the stake alive", () => {
  const consensus = { slotMs: 2_000, k: 10, f: 0.9, tieBreak: "smaller-id" } as const;
  const p = (alive: number[]) => referenceKind.occupancy(consensus, alive, 4_000);
  assert.ok(Math.abs(p([1_000, 1_000, 1_000, 1_000]) - 0.9) < 1e-12);
  assert.ok(Math.abs(p([1_000, 1_000]) - (1 - Math.sqrt(0.1))) < 1e-12);
  assert.equal(p([]), 0);
});

test("a node's files: everything it needs, with the plan's patch merged in", () => {
  const plan = planOf(["validator-0", "executor-0"], { configPatch: { logLevel: "DEBUG", http: { timeoutMs: 5 } } });
  const { files, args, program, state } = render(plan);
  assert.deepEqual([args, program, state], [["node", "--config", "node.json"], "self", ["state"]]);
  const config = JSON.parse(String(files[0]?.content));
  assert.equal(files.length, 1);
  assert.deepEqual(config.http, { host: "127.0.0.2", port: 18_080, testingPort: 18_081, timeoutMs: 5 });
  assert.deepEqual(config.peers, {
    host: "127.0.0.2",
    port: 18_082,
    nodes: [{ name: "executor-0", host: "127.0.0.3", port: 18_082 }],
    neighbours: ["executor-0"],
  });
  assert.equal(config.logLevel, "DEBUG");
  assert.equal(config.chainStartMs, 1_700_000_000_000);
});

test("a patch that spoils the configuration is refused before anything starts", () => {
  const refusal = (configPatch: Json) => {
    try {
      render(planOf(["validator-0"], { configPatch }));
      return "none";
    } catch (error) {
      assert.ok(error instanceof CodedError);
      assert.deepEqual([error.code, error.class], ["NR-NODE-CONFIG", "refused"]);
      return error.message;
    }
  };
  assert.equal(
    refusal({ http: { port: "80" } }),
    'the configuration of validator-0: http.port: Invalid type: Expected number but received "80"',
  );
  assert.equal(
    refusal({ tracing: {} }),
    'the configuration of validator-0: tracing: Invalid key: Expected never but received "tracing"',
  );
});
