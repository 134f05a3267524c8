import assert from "node:assert/strict";
import test from "node:test";
import { CHAOS } from "../support/chaos.ts";
import { denoAlone, UNDER_DENO } from "../support/deno.ts";
import { latestRun, nomosRun, readEvents, readReport, scratch } from "../support/program.ts";
import { undisturbed } from "../support/undisturbed.ts";
import { markedProcesses } from "../support/world.ts";

test("the chaos scenario passes under Deno, its restarts take effect and heal, and nothing is left", (t) =>
  undisturbed(t, async () => {
    const cwd = scratch(t);
    const { code, stdout, stderr } = await nomosRun(t, CHAOS, { cwd, env: denoAlone(cwd), program: UNDER_DENO });
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    const folder = latestRun(cwd);
    const faults = (type: string) => readEvents(folder).filter((event) => event.type === type).length;
    assert.ok(faults("fault.effective") >= 2, `${faults("fault.effective")} restarts took effect`);
    assert.equal(faults("fault.healed"), faults("fault.effective"));
    assert.deepEqual(markedProcesses(readReport(folder).runId), []);
  }));
