import assert from "node:assert/strict";
import test from "node:test";
import { latestRun, nomosRun, readEvents, readReport, scenario, scratch } from "../support/program.ts";
import { lookAround } from "../support/world.ts";

test("the chaos scenario passes, heals its restarts and leaves nothing", async (t) => {
  const cwd = scratch(t);
  const before = lookAround();
  const { code, stdout, stderr } = await nomosRun(
    t,
    [scenario("chaos"), "--profile", "fast", "--seed", "chaos-test", "--reporter", "plain"],
    { cwd },
  );
  const after = lookAround();
  assert.equal(code, 0, `${stdout}\n${stderr}`);

  const folder = latestRun(cwd);
  const report = readReport(folder);
  assert.equal(report.verdict, "passed");
  assert.equal(report.inventory.created, report.inventory.removed);
  const events = readEvents(folder);
  const faults = (type: string) => events.filter((event) => event.type === type).length;
  assert.ok(faults("fault.effective") >= 2, `${faults("fault.effective")} restarts took effect`);
  assert.equal(faults("fault.healed"), faults("fault.effective"));
  const starts = events.filter((event) => event.type === "node.started").length;
  assert.equal(report.inventory.items.filter(({ kind }) => kind === "process").length, starts);

  assert.deepEqual(after.processes, before.processes);
  assert.deepEqual(after.ports, before.ports);
  assert.deepEqual(after.files, before.files);
});
