import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { carrying, placeCarried } from "../../lib/host/carried-files.ts";
import { nomosRun, scratch } from "../support/program.ts";

test("files that a process carries are written where there are none, and are never put over newer ones", (t) => {
  const folder = scratch(t);
  const carried = carrying([
    { path: "node.json", content: '{"ä":"\\n"}' },
    { path: "b.txt", content: "" },
  ]);
  placeCarried({ ...carried }, folder);
  assert.deepEqual(readdirSync(folder).toSorted(), ["b.txt", "node.json"]);
  assert.equal(readFileSync(join(folder, "node.json"), "utf8"), '{"ä":"\\n"}');
  writeFileSync(join(folder, "node.json"), "newer");
  placeCarried({ ...carried }, folder);
  assert.equal(readFileSync(join(folder, "node.json"), "utf8"), "newer");
  placeCarried({}, folder);
});

test("what doesn't fit, is no text or lies in a folder is not carried; the largest that does starts a process", async (t) => {
  assert.equal(carrying([{ path: "a", content: "x".repeat(128 * 1024) }]), null);
  assert.equal(carrying([{ path: "a", content: new Uint8Array(3) }]), null);
  assert.equal(carrying([{ path: "below/a", content: "" }]), null);
  let most = 128 * 1024;
  while (carrying([{ path: "node.json", content: "x".repeat(most) }]) === null) most--;
  const env = carrying([{ path: "node.json", content: "x".repeat(most) }]) ?? assert.fail();
  const cwd = scratch(t);
  // It is started with all of it, and says what is wrong with it as a configuration.
  const { code, stderr } = await nomosRun(t, ["node", "--config", "node.json"], { cwd, env });
  assert.equal(code, 64, stderr);
  assert.equal(readFileSync(join(cwd, "node.json"), "utf8").length, most);
});
