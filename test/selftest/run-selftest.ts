import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { SelftestOutcome } from "../../lib/cli/selftest/outcome.ts";
import { nomosRun } from "../support/program.ts";

/** Runs cases of the selftest, all when none is named, and gives its document. */
export async function selftest(t: TestContext, cwd: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await nomosRun(t, ["selftest", "--json", ...args], { cwd });
  assert.doesNotMatch(stderr, /error/, stderr);
  const document = JSON.parse(stdout) as { passed: boolean; seconds: number; cases: readonly SelftestOutcome[] };
  return { code, ...document };
}

/** The cases that did not come out as they must, with why. */
export function wrong(cases: readonly SelftestOutcome[]): readonly string[] {
  return cases.filter(({ ok }) => !ok).map(({ name, said }) => `${name}: ${said}`);
}
