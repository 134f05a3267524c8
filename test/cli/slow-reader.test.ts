import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { systemClock } from "../../lib/host/system-clock.ts";
import { EXECUTABLE, scratch } from "../support/program.ts";

const LONG = `import { scenario } from "nomos-run";
export default scenario("long").topologyWith((t) => t.networkStar().validators(1500)).withRunDuration("90s").build();
`;

test("a reader that takes its time gets everything", async (t) => {
  const cwd = scratch(t);
  writeFileSync(join(cwd, "long.scenario.ts"), LONG);
  const child = spawn(EXECUTABLE, ["plan", "long.scenario.ts", "--json"], {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "close");
  let text = "";
  // Far slower than the program writes: it is done long before its output is read.
  for await (const chunk of child.stdout.setEncoding("utf8")) {
    text += chunk;
    await systemClock.sleep(200);
  }
  assert.ok(text.length > 128 * 1024, `${text.length} characters don't fill a pipe`);
  assert.equal(JSON.parse(text).plan.topology.nodes.length, 1_500);
  assert.equal((await ended)[0], 0);
});
