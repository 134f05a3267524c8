import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import test, { type TestContext } from "node:test";
import { denoAlone, UNDER_DENO } from "../support/deno.ts";
import { scenario, scratch } from "../support/program.ts";

/** The sources under Deno with these permissions instead of all. */
function allowed(t: TestContext, permissions: readonly string[], args: readonly string[]) {
  const cwd = scratch(t);
  const [deno, , , cli] = UNDER_DENO;
  const line = ["run", "--no-prompt", ...permissions, cli, ...args];
  const { status, stdout, stderr } = spawnSync(deno, line, { cwd, env: denoAlone(cwd), encoding: "utf8" });
  return { status, said: stdout + stderr };
}

const ENOUGH_TO_PLAN = ["--allow-env", "--allow-read", "--allow-sys", "--allow-write"];

for (const [i, flag] of ENOUGH_TO_PLAN.entries()) {
  test(`what ${flag} would allow is refused with its name`, (t) => {
    const { status, said } = allowed(t, ENOUGH_TO_PLAN.slice(0, i), ["plan", scenario("smoke")]);
    assert.equal(status, 3, said);
    assert.match(said, /^error NR-HOST-PERMISSION: Deno doesn't allow what this needs: Requires \w+ access/);
    assert.match(said, new RegExp(`\\n {2}Run it with ${flag}, or with -A: a run needs all of them\\.\\n$`));
  });
}

test("a run that may not look at processes says so, and is no fault of nomos-run", (t) => {
  const { status, said } = allowed(t, ENOUGH_TO_PLAN, ["run", scenario("smoke")]);
  assert.equal(status, 3, said);
  assert.match(said, /error NR-HOST-PERMISSION in preflight: Deno doesn't allow what this needs:/);
  assert.match(said, /Run it with --allow-\w+, or with -A/);
});
