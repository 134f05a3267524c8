import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import process from "node:process";
import test from "node:test";
import { engineAddress } from "../../lib/host/docker/address.ts";
import { connectEngine } from "../../lib/host/docker/engine.ts";
import { RUN_LABEL } from "../../lib/host/docker/labels.ts";
import { sweepEngine } from "../../lib/host/docker/sweep.ts";
import { systemClock } from "../../lib/host/system-clock.ts";

test("a sweep waits for what is in flight, and removes it when it lands", async (t) => {
  const engine = await connectEngine(engineAddress(process.env), systemClock);
  const runId = `sweep-test-${process.pid}`;
  const make = async () => {
    // Later than two looks at an engine that has nothing.
    await systemClock.sleep(700);
    await engine.docker.createNetwork({ Name: runId, Labels: { [RUN_LABEL]: runId } });
    throw new Error("what fails may have made something");
  };
  t.after(() => sweepEngine(engine, { runId, clock: systemClock, graceMs: 0 }));
  const inFlight = make();
  const { removed, left } = await sweepEngine(engine, { runId, clock: systemClock, graceMs: 0, inFlight });
  await assert.rejects(inFlight, /may have made/);
  assert.deepEqual(left, []);
  assert.deepEqual(
    removed.map(({ kind, name }) => `${kind} ${name}`),
    [`network ${runId}`],
  );
  assert.doesNotMatch(execFileSync("docker", ["network", "ls"], { encoding: "utf8" }), new RegExp(runId));
});
