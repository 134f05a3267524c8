import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { nomosRun, scratch } from "../support/program.ts";

const page = readFileSync(new URL("../../docs/migration.md", import.meta.url), "utf8");

/** The original's builder methods under the names that they have here. */
const METHODS = {
  scenario:
    "topologyWith topology mapTopology wallets initializeWallet withWalletConfig transactions transactionsWith da daWith enableNodeControl chaos chaosWith expectConsensusLiveness withWorkload withExpectation withRunDuration withMetricsQueryUrl withMetricsOtlpIngestUrl withGrafanaUrl withCapabilities apply build",
  topology: "networkStar validators executors nodes nodeConfigPatch apply",
  transactions: "rate users apply",
  da: "channelRate blobRate headroomPercent apply",
  chaos: "restart apply",
  restart: "minDelay maxDelay targetCooldown includeValidators includeExecutors apply",
};

test("every builder method of the Rust framework exists here, and the page has it", () => {
  const written = scenario("methods");
  const builders = {
    scenario: written,
    topology: written.topology(),
    transactions: written.transactions(),
    da: written.da(),
    chaos: written.enableNodeControl().chaos(),
    restart: scenario("restart").enableNodeControl().chaos().restart(),
  };
  for (const [name, methods] of Object.entries(METHODS)) {
    for (const method of methods.split(" ")) {
      const builder: object = builders[name as keyof typeof builders];
      assert.equal(typeof Reflect.get(builder, method), "function", `${name}.${method}`);
      assert.match(page, new RegExp(`\\.${method}\\b`), method);
    }
  }
});

test("the worked example is the plan that it says, and can run", async (t) => {
  const cwd = scratch(t);
  const [, code = ""] = /```ts\n([^]*?)```/.exec(page) ?? [];
  writeFileSync(join(cwd, "chaos.scenario.ts"), code);
  const { code: exit, stdout, stderr } = await nomosRun(t, ["plan", "chaos.scenario.ts", "--json"], { cwd });
  assert.equal(exit, 0, stderr);
  const { plan } = JSON.parse(stdout);
  assert.deepEqual([plan.durationMs, plan.topology.nodes.length, plan.wallets.count], [90_000, 5, 50]);
});
