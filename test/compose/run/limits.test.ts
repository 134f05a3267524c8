import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { latestRun, nomosRun, readEvents, readReport, scratch } from "../../support/program.ts";
import { undisturbed } from "../../support/undisturbed.ts";
import { nothingLeft } from "./engine-world.ts";

/** Nodes that are held to little, and lines that are narrow for a while. */
const SCENARIO = `import { scenario } from "nomos-run";

export default scenario("little")
  .topologyWith((t) => t.networkFull().validators(4).limits({ memory: "192MiB", cpus: 1 }))
  .wallets(30)
  .transactionsWith((txs) => txs.rate(3).users(30))
  .enableNodeControl()
  .chaosWith((chaos) => chaos.bandwidth({ at: "20s", for: "60s", rate: "64kbit", targets: "validator-1" }))
  .expectConsensusLiveness()
  .withRunDuration("200s")
  .build();
`;

function written(folder: string): string {
  const file = join(folder, "little.scenario.ts");
  writeFileSync(file, SCENARIO);
  return file;
}

test("a run with narrow lines passes in containers that are held to limits, and its ledger has what waited", (t) =>
  undisturbed(t, async () => {
    const cwd = scratch(t);
    const args = [written(cwd), "--deployer", "compose", "--profile", "fast", "--seed", "little"];
    const { code, stdout, stderr } = await nomosRun(t, args, { cwd });
    assert.equal(code, 0, stdout + stderr);
    const folder = latestRun(cwd);
    const { runId, inventory } = readReport(folder);
    const seen = readEvents(folder).flatMap((event) => (event.type === "fault.effective" ? [event.seen] : []));
    assert.equal(seen.length, 1);
    assert.match(seen[0] ?? "", /^\d+ packets came to 6 lines, which carried [\d.]+ kB; they had to wait \d+ times$/);
    t.diagnostic(seen[0] ?? "");
    assert.equal(inventory.created, inventory.removed);
    await nothingLeft(runId, 1_000);
  }));

test("more processors than the engine's machine has are told at once, and nothing is made", async (t) => {
  const cwd = scratch(t);
  const args = [written(cwd), "--deployer", "compose", "--profile", "fast", "--set", "topology.limits.cpus=4000"];
  const { code, stdout, stderr } = await nomosRun(t, args, { cwd });
  assert.equal(code, 3, stdout + stderr);
  const { errors, inventory } = readReport(latestRun(cwd));
  assert.equal(errors[0]?.code, "NR-DOCKER-LIMITS", JSON.stringify(errors));
  assert.match(
    errors[0]?.message ?? "",
    /^each node is limited to 4000 processors, and the Docker Engine at \S+ has \d+$/,
  );
  assert.equal(inventory.created, 0);
});
