import assert from "node:assert/strict";
import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { latestRun, nomosRun, readEvents, readReport, scenario, scratch } from "../../support/program.ts";
import { nothingLeft } from "./engine-world.ts";

const CUT = `import { scenario } from "nomos-run";
import { etcd, puts } from "./kind.ts";
export default scenario("cut").topologyWith((t) => t.nodes(3)).withNodeKind(etcd).enableNodeControl().withWorkload(puts)
  .chaosWith((chaos) => chaos.partition({ at: "3s", for: "6s", targets: "validator-1" })).withRunDuration("23s").build();
`;

test("an etcd cluster in containers is cut in two by the kernel, and goes on", async (t) => {
  if (!existsSync("/usr/bin/etcd")) return t.skip("there is no etcd");
  const cwd = scratch(t);
  copyFileSync(scenario("custom-node-kind"), join(cwd, "kind.ts"));
  writeFileSync(join(cwd, "cut.scenario.ts"), CUT);
  const { code, stdout, stderr } = await nomosRun(t, ["cut.scenario.ts", "--deployer", "compose"], { cwd });
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const folder = latestRun(cwd);
  const { runId, verdict, inventory } = readReport(folder);
  assert.deepEqual([verdict, inventory.removed], ["passed", inventory.created]);
  const seen = readEvents(folder).flatMap((event) => (event.type === "fault.effective" ? [event.seen] : []));
  assert.match(seen.join(), /^\d+ packets dropped by the kernel over 4 links$/);
  await nothingLeft(runId, 1_000);
});
