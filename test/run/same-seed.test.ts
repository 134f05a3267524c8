import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { nomosRun, readEvents, readReport, scenario, scratch } from "../support/program.ts";

test("two runs of one seed at once in one folder have one plan digest and one fault schedule", async (t) => {
  const cwd = scratch(t);
  const args = [scenario("chaos"), "--profile", "fast", "--seed", "twins", "--reporter", "json"];
  const ends = await Promise.all([nomosRun(t, args, { cwd }), nomosRun(t, args, { cwd })]);
  // Two chaos runs at once on a small machine may miss their pace, which makes them inconclusive and is not the point here.
  for (const { code, stdout, stderr } of ends) assert.ok(code === 0 || code === 2, stdout.slice(-2_000) + stderr);
  const runs = readdirSync(join(cwd, ".nomos-run/runs")).map((id) => join(cwd, ".nomos-run/runs", id));
  assert.equal(runs.length, 2);
  const digests = runs.map((run) => readReport(run).planDigest);
  assert.equal(digests[0], digests[1]);
  const locks = runs.map(
    (run) => (JSON.parse(readFileSync(join(run, "plan.lock.json"), "utf8")) as { digest: string }).digest,
  );
  assert.deepEqual(locks, digests);
  const schedules = runs.map((run) =>
    readEvents(run).flatMap((event) =>
      event.type === "fault.planned"
        ? // The drive begins when the network is ready, so times are compared from the first fault on.
          [{ fault: event.fault, kind: event.kind, target: event.target, at: event.at }]
        : [],
    ),
  );
  const relative = schedules.map((faults) =>
    faults.map((fault) => ({ ...fault, at: Math.round(fault.at - (faults[0]?.at ?? 0)) })),
  );
  assert.ok((relative[0]?.length ?? 0) >= 2);
  assert.deepEqual(relative[0], relative[1]);
});
