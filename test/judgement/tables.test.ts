import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import test from "node:test";
import { fileURLToPath } from "node:url";

test("the tables in docs/judgement.md are what the code computes", () => {
  const script = fileURLToPath(new URL("../../bench/judgement-tables.ts", import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8", timeout: 60_000 });
  assert.equal(status, 0, stderr);
});
