import assert from "node:assert/strict";
import test from "node:test";
import { createGithubReporter } from "../../lib/report/github.ts";
import type { RunReport } from "../../lib/run/run-report.ts";
import { report } from "./fixture.ts";

function told(run: RunReport, site?: string): { readonly commands: string; readonly summary: string } {
  const said = { commands: "", summary: "" };
  const reporter = createGithubReporter(
    { siteOf: () => site },
    (text) => {
      said.commands += text;
    },
    (markdown) => {
      said.summary += markdown;
    },
  );
  reporter.end(run);
  return said;
}

test("an annotation for each expectation that did not pass, at its line, and for each error", () => {
  const { commands } = told(report, "scenarios/chaos.scenario.ts:12");
  assert.equal(
    commands,
    `::error file=scenarios/chaos.scenario.ts,line=12,title=conformance%3A no-unexpected-exit failed::1 node ended although nobody asked it to%0A- validator-2, start 1: SIGKILL, not by us%0A- more 0%0A- more 1%0A- more 2%0A- more 3
::error title=conformance%3A NR-RUN-STAGE in heal::stage heal failed%0ALook.
`,
  );
});

test("a flag is no file; inconclusive is a warning; what can't be in a command is escaped", () => {
  const [expectation] = report.expectations;
  assert.ok(expectation);
  const undecided = {
    ...expectation,
    outcome: "inconclusive" as const,
    expectation: "a,b",
    summary: "50 %\r\n::error::x",
  };
  const { commands } = told({ ...report, errors: [], expectations: [undecided] }, "--set wallets.count=5");
  assert.equal(commands, "::warning title=conformance%3A a%2Cb inconclusive::50 %25%0D%0A::error::x\n");
});

test("a run that passed is not annotated, and one that nothing explains is", () => {
  const passed = { ...report, verdict: "passed" as const, errors: [], expectations: report.expectations.slice(0, 1) };
  assert.equal(told(passed).commands, "");
  const interrupted = { ...passed, verdict: "interrupted" as const, why: "by SIGINT" };
  assert.equal(told(interrupted).commands, "::error title=conformance%3A interrupted::by SIGINT\n");
});

test("the step's summary is one table, whatever is in its cells", () => {
  const [expectation] = report.expectations;
  assert.ok(expectation);
  const { summary } = told({
    ...report,
    errors: [],
    why: "a|b <i>\nc",
    expectations: [{ ...expectation, summary: "x | y\n`z`" }],
  });
  assert.equal(
    summary,
    `
### conformance: failed

a\\|b &lt;i> c

| Expectation | Outcome | Found |
|---|---|---|
| liveness | passed | x \\| y \\\`z\\\` |


Run run-1, seed \`s33d\`
`,
  );
});
