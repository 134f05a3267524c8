import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { CodedError } from "../../lib/core/errors.ts";
import { packTar, unpackTar } from "../../lib/host/archive.ts";
import { scratch } from "../support/program.ts";

/** Packs with tar(1), which is told not to mend names. */
function tar(folder: string, path: string, ...args: string[]): void {
  execFileSync("tar", ["-P", "-czf", path, "-C", folder, ...args]);
}

function prepare(t: TestContext) {
  const folder = scratch(t);
  const [source, into, path] = [join(folder, "source"), join(folder, "into"), join(folder, "a.tar.gz")];
  mkdirSync(source);
  mkdirSync(into);
  writeFileSync(join(source, "f"), "content");
  return { folder, source, into, path };
}

async function refused(work: Promise<unknown>, message: RegExp): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof CodedError, String(error));
    assert.equal(error.code, "NR-HOST-ARCHIVE");
    assert.match(error.message, message);
    return true;
  });
}

test("what tar(1) packs is unpacked with its modes and inner links, leading folder left away", async (t) => {
  const { source, into, path } = prepare(t);
  mkdirSync(join(source, "top/bin"), { recursive: true });
  writeFileSync(join(source, "top/bin/tool"), "#!/bin/sh\n");
  chmodSync(join(source, "top/bin/tool"), 0o755);
  symlinkSync("bin/tool", join(source, "top/link"));
  tar(source, path, "top");
  await unpackTar(path, into, { strip: 1 });
  assert.deepEqual(readdirSync(into).toSorted(), ["bin", "link"]);
  assert.equal(statSync(join(into, "bin/tool")).mode & 0o777, 0o755);
  assert.equal(readlinkSync(join(into, "link")), "bin/tool");
});

test("names and links that lead out are refused, and nothing outside is touched", async (t) => {
  const { folder, source, into, path } = prepare(t);
  tar(source, path, "--transform=s,^,../,", "f");
  await refused(unpackTar(path, into), /\.\.\/f/);
  tar(source, path, `--transform=s,^,${folder}/absolute,`, "f");
  await refused(unpackTar(path, into), /absolute/);
  symlinkSync("../outside", join(source, "link"));
  tar(source, path, "link");
  await refused(unpackTar(path, into), /link/);
  symlinkSync("/etc", join(source, "etc"));
  tar(source, path, "etc");
  await refused(unpackTar(path, into), /./);
  assert.deepEqual(readdirSync(folder).toSorted(), ["a.tar.gz", "into", "source"]);
});

test("a link that points out and then a file behind it is refused", async (t) => {
  const { folder, source, into, path } = prepare(t);
  mkdirSync(join(folder, "victim"));
  symlinkSync(join(folder, "victim"), join(source, "d"));
  const plain = path.replace(".gz", "");
  execFileSync("tar", ["-P", "-cf", plain, "-C", source, "d"]);
  execFileSync("tar", ["-P", "-rf", plain, "-C", source, "--transform=s,^f,d/f,", "f"]);
  await refused(unpackTar(plain, into), /./);
  assert.deepEqual(readdirSync(join(folder, "victim")), []);
});

test("pipes, cut and damaged archives, and what is no tar are refused", async (t) => {
  const { source, into, path } = prepare(t);
  execFileSync("mkfifo", [join(source, "pipe")]);
  tar(source, path, "pipe");
  await refused(unpackTar(path, into), /pipe is neither file, folder nor link but FIFO/);
  writeFileSync(join(source, "big"), Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) & 0xff)));
  tar(source, path, "big");
  const whole = readFileSync(path);
  writeFileSync(path, whole.subarray(0, whole.length / 2));
  await refused(unpackTar(path, into), /./);
  writeFileSync(path, "<html>504 Gateway Time-out</html>");
  await refused(unpackTar(path, into), /./);
  writeFileSync(path, "");
  await refused(unpackTar(path, into), /./);
});

test("the same files give the same bytes, which tar(1) reads", async (t) => {
  const { source, into, path } = prepare(t);
  await packTar(path, source, ["f"]);
  const first = readFileSync(path);
  execFileSync("touch", ["-d", "2001-01-01", join(source, "f")]);
  await packTar(path, source, ["f"]);
  assert.ok(readFileSync(path).equals(first));
  execFileSync("tar", ["-xzf", path, "-C", into]);
  assert.equal(readFileSync(join(into, "f"), "utf8"), "content");
});
