import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { CodedError } from "../../lib/core/errors.ts";
import { waitFor } from "../../lib/core/wait.ts";
import { writeFileAtomically } from "../../lib/host/atomic-files.ts";
import { type LineWriter, openLineWriter } from "../../lib/host/line-writer.ts";
import { createRunFolder, newRunId } from "../../lib/host/run-folder.ts";
import { systemClock } from "../../lib/host/system-clock.ts";

let lab: string;
before(() => {
  lab = mkdtempSync(join(tmpdir(), "nomos-run-folder-"));
});
after(() => rmSync(lab, { recursive: true, force: true }));

const WALL_MS = Date.UTC(2026, 10, 23, 14, 33, 52, 123);

const coded = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CodedError);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};

test("run ids sort by time and differ in the same instant", () => {
  assert.match(newRunId(WALL_MS), /^20261123-143352123-[0-9a-hjkmnp-tv-z]{6}$/);
  assert.ok(newRunId(WALL_MS) < newRunId(WALL_MS + 1));
  assert.equal(new Set(Array.from({ length: 1_000 }, () => newRunId(WALL_MS))).size, 1_000);
});

test("twenty runs that start at once in one root have folders of their own, and latest is one of them", async () => {
  const root = join(lab, "at-once");
  const make = () => createRunFolder({ root, nextId: () => newRunId(WALL_MS) });
  const folders = await Promise.all(Array.from({ length: 20 }, make));
  assert.equal(new Set(folders.map(({ path }) => path)).size, 20);
  const latest = readlinkSync(join(root, "latest"));
  assert.ok(folders.some(({ runId }) => latest === `runs/${runId}`));
  assert.deepEqual(readdirSync(root).sort(), ["latest", "runs"], "no temporary file is left");
  await folders[0]?.writeJson("run.json", { verdict: "passed" });
  assert.equal(readFileSync(join(folders[0]?.path ?? "", "run.json"), "utf8"), '{\n  "verdict": "passed"\n}\n');
});

test("a folder that exists is never taken", async () => {
  const root = join(lab, "taken");
  mkdirSync(join(root, "runs/one/logs"), { recursive: true });
  writeFileSync(join(root, "runs/one/run.json"), "evidence");
  const ids = ["one", "two"];
  const folder = await createRunFolder({ root, nextId: () => ids.shift() ?? "" });
  assert.equal(folder.runId, "two");
  assert.equal(readFileSync(join(root, "runs/one/run.json"), "utf8"), "evidence");
});

test("a latest that is no link is not replaced", async () => {
  const root = join(lab, "foreign");
  mkdirSync(root);
  writeFileSync(join(root, "latest"), "mine");
  await assert.rejects(
    createRunFolder({ root, nextId: () => "one" }),
    coded("NR-HOST-WRITE", /latest can't be written: something that is no symbolic link is there$/),
  );
  assert.equal(readFileSync(join(root, "latest"), "utf8"), "mine");
});

test("a root that is a file is a coded error", async () => {
  const root = join(lab, "file");
  writeFileSync(root, "");
  await assert.rejects(createRunFolder({ root, nextId: () => "one" }), coded("NR-HOST-WRITE", /ENOTDIR/));
});

test("lines are written in order, over many batches", async () => {
  const path = join(lab, "lines");
  const writer = await openLineWriter(path);
  for (let i = 0; i < 5_000; i++) {
    writer.append(`${i}\n`);
    if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await writer.close();
  assert.equal(readFileSync(path, "utf8"), Array.from({ length: 5_000 }, (_, i) => `${i}\n`).join(""));
  await assert.rejects(openLineWriter(path), coded("NR-HOST-WRITE", /EEXIST/));
});

test("a disk that doesn't keep up is an error, not an endless queue", async () => {
  const writer = await openLineWriter(join(lab, "flood"));
  const line = `${"x".repeat(1_024 * 1_024)}\n`;
  assert.throws(
    () => {
      for (let i = 0; i < 100; i++) writer.append(line);
    },
    coded("NR-HOST-WRITE", /doesn't keep up: 6[45] MiB wait for it$/),
  );
  await assert.rejects(writer.close());
});

const mayMount = process.platform === "linux" && process.getuid?.() === 0;
test("a full disk is a coded error", { skip: mayMount ? false : "needs root to mount a small disk" }, async (t) => {
  const disk = join(lab, "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]);
  t.after(() => execFileSync("umount", [disk]));
  const full = coded("NR-HOST-DISK-FULL", /^the disk is full: .* can't be written \(ENOSPC\)$/);

  const { path, writeJson } = await createRunFolder({ root: disk, nextId: () => "one" });
  const writer = await openLineWriter(join(path, "events.ndjson"));
  await assert.rejects(fill(writer), full);
  await assert.rejects(writer.close(), full);

  await assert.rejects(writeJson("run.json", "x".repeat(100_000)), full);
  assert.ok(!existsSync(join(path, "run.json")));
  assert.deepEqual(readdirSync(path).sort(), ["events.ndjson", "logs"], "no temporary file is left");
});

/** Appends until it fails, which it does some batches after the disk was full. */
async function fill(writer: LineWriter): Promise<void> {
  await waitFor({
    clock: systemClock,
    what: "the writer to notice that the disk is full",
    timeoutMs: 5_000,
    intervalMs: 1,
    look: () => {
      writer.append(`${"x".repeat(10_000)}\n`);
      return { done: false, seen: "no error" };
    },
  });
}

test("a file is replaced whole, and its permissions are what was asked for", async () => {
  const path = join(lab, "secret");
  await writeFileAtomically(path, "one", 0o600);
  await writeFileAtomically(path, "two", 0o600);
  assert.equal(readFileSync(path, "utf8"), "two");
  assert.match(execFileSync("ls", ["-l", path], { encoding: "utf8" }), /^-rw-------/);
  await assert.rejects(writeFileAtomically(join(lab, "no/such"), ""), coded("NR-HOST-WRITE", /ENOENT/));
});
