import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { CHAOS } from "../support/chaos.ts";
import { latestRun, nomosRun, readEvents, readReport, scratch } from "../support/program.ts";
import { chainOf, recordedBlocks, storedBlocks } from "../support/stores.ts";
import { undisturbed } from "../support/undisturbed.ts";
import { lookAround } from "../support/world.ts";

test("the chaos scenario passes, heals its restarts and leaves nothing", (t) =>
  undisturbed(t, async () => {
    const cwd = scratch(t);
    const temporary = join(cwd, "tmp");
    mkdirSync(temporary);
    const before = lookAround(temporary);
    const { code, stdout, stderr } = await nomosRun(t, [...CHAOS, "--reporter", "plain"], {
      cwd,
      env: { TMPDIR: temporary },
    });
    const after = lookAround(temporary);
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

    // What the feed recorded, restarts or not, is what a walk of every node's store finds.
    const recorded = recordedBlocks(events);
    const views = new Map(
      events.flatMap((event) => (event.type === "chain.view" ? [[event.node, event] as const] : [])),
    );
    assert.equal(views.size, 5);
    for (const [node, { tip, height }] of views) {
      const walked = chainOf(storedBlocks(folder, node), tip);
      assert.equal(walked.length, height);
      assert.deepEqual(chainOf(recorded, tip), walked, node);
    }

    assert.deepEqual(after.processes, before.processes);
    assert.deepEqual(after.ports, before.ports);
    assert.deepEqual(after.files, before.files);
  }));
