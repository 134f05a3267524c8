import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { makeFolder } from "../../lib/host/make-folder.ts";

let lab: string;
before(() => {
  lab = mkdtempSync(join(tmpdir(), "nomos-run-make-folder-"));
});
after(() => rmSync(lab, { recursive: true, force: true }));

test("makes what is missing, by several at once, and leaves what is there", async () => {
  const path = join(lab, "a/b/c");
  await Promise.all(Array.from({ length: 8 }, () => makeFolder(path)));
  assert.ok(statSync(path).isDirectory());
  await makeFolder(path);
});

test("says which error the system has, also where a file stands in the way", async () => {
  const file = join(lab, "file");
  writeFileSync(file, "");
  await assert.rejects(makeFolder(file), { code: "EEXIST" });
  await assert.rejects(makeFolder(join(file, "below/it")), { code: "ENOTDIR" });
});

test("gives up where no folder can be made", { skip: !existsSync("/proc/self") && "no /proc" }, async () => {
  await assert.rejects(makeFolder("/proc/none/a/b"), { code: "ENOENT" });
});
