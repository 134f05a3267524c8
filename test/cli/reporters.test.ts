import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { XMLParser } from "fast-xml-parser";
import { latestRun, nomosRun, readEvents, readReport, scratch } from "../support/program.ts";

const SCENARIO = `import { scenario } from "nomos-run";
export default scenario("reported")
  .topologyWith((t) => t.networkStar().validators(2))
  .without("agreement")
  .withExpectation({
    name: "own",
    judge: () => ({ outcome: "failed", summary: "never so", figures: {}, limits: {}, findings: ["100 %"] }),
  })
  .withRunDuration("16s")
  .build();
`;

test("one run for a person, a program, a build server and GitHub at once", async (t) => {
  const cwd = scratch(t);
  const summary = join(cwd, "summary.md");
  writeFileSync(join(cwd, "reported.scenario.ts"), SCENARIO);
  writeFileSync(summary, "before\n");
  const reporters = ["junit=report.xml", "json=events.ndjson", "github"].flatMap((name) => ["--reporter", name]);
  const { code, stdout } = await nomosRun(
    t,
    ["reported.scenario.ts", "--profile", "fast", "--seed", "r", ...reporters],
    {
      cwd,
      env: { GITHUB_STEP_SUMMARY: summary, GITHUB_WORKSPACE: cwd },
    },
  );
  assert.equal(code, 1, stdout);
  assert.match(stdout, /^\[ {3}0\.0\d\ds\] run /);
  assert.match(
    stdout,
    /\n::error file=reported\.scenario\.ts,line=5,title=reported%3A own failed::never so%0A- 100 %25\n/,
  );

  const { testsuites } = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "" }).parse(
    readFileSync(join(cwd, "report.xml"), "utf8"),
  );
  assert.deepEqual([testsuites.tests, testsuites.failures, testsuites.errors], ["3", "1", "0"]);
  const lines = readFileSync(join(cwd, "events.ndjson"), "utf8").trimEnd().split("\n");
  const [result, ...events] = lines.map((line) => JSON.parse(line)).toReversed();
  const folder = latestRun(cwd);
  assert.deepEqual(events.toReversed(), readEvents(folder));
  assert.deepEqual(result, { type: "result", ...readReport(folder) });
  assert.match(readFileSync(summary, "utf8"), /^before\n\n### reported: failed\n[^]*\| own \| failed \| never so \|\n/);
});
