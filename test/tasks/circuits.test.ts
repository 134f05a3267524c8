import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { scratch } from "../support/program.ts";
import { runProgram } from "./support/program.ts";
import { serve } from "./support/serve.ts";

const REV = "ad104981ca79da20183550b5aced9e49773fb6d5";

/** A server's folder with a release of circuits for a platform and the node's KZG file, as GitHub has them. */
async function prepare(t: TestContext, { platform = "linux-x86_64", plan = "good" } = {}) {
  const files = scratch(t);
  const cwd = scratch(t);
  const server = await serve(t, files);
  const release = (version: string, mark: string) => {
    const top = join(files, "nomos-circuits");
    mkdirSync(join(top, "zksign"), { recursive: true });
    writeFileSync(join(top, "zksign/witness_generator"), `#!/bin/sh\n# ${mark}\n`);
    chmodSync(join(top, "zksign/witness_generator"), 0o755);
    mkdirSync(join(files, version), { recursive: true });
    const tar = join(files, version, `nomos-circuits-${version}-${platform}.tar.gz`);
    execFileSync("tar", ["-czf", tar, "-C", files, "nomos-circuits"]);
    return tar;
  };
  mkdirSync(join(files, REV, "tests/kzgrs"), { recursive: true });
  writeFileSync(join(files, REV, "tests/kzgrs/kzgrs_test_params"), "powers of tau");
  const run = (...options: string[]) => {
    const usual = [`url=${server.url}/${plan}/`, `kzg-url=${server.url}/good`, "platform=linux-x86_64", "dir=circuits"];
    const nameOf = (option: string) => option.split("=")[0];
    const left = usual.filter((option) => options.every((other) => nameOf(other) !== nameOf(option)));
    return runProgram(t, ["task", "setup-circuits", ...left, ...options], {
      cwd,
      env: { GITHUB_TOKEN: "secret-token" },
    });
  };
  const read = (name: string) => readFileSync(join(cwd, "circuits", name), "utf8");
  return { files, cwd, server, release, run, read };
}

test("circuits and KZG parameters are fetched, and fetched again for another version", async (t) => {
  const { release, run, read, server, cwd } = await prepare(t);
  const tar = release("v0.3.1", "one");
  const first = await run();
  assert.equal(first.code, 0, first.stderr);
  assert.equal(read("kzgrs_test_params"), "powers of tau");
  assert.match(read("zksign/witness_generator"), /one/);
  assert.equal(read("VERSION"), "v0.3.1\n");
  const digest = execFileSync("sha256sum", [tar], { encoding: "utf8" }).split(" ")[0];
  const sources = JSON.parse(read("sources.json")) as Record<string, unknown>;
  assert.deepEqual([sources["platform"], sources["archiveSha256"]], ["linux-x86_64", digest]);
  assert.match((await run()).stdout, /setup-circuits skipped/);
  assert.equal((await server.requests()).length, 2);

  release("v0.3.2", "two");
  const failed = await run("version=v9.9.9");
  assert.match(failed.stderr, /NR-HOST-DOWNLOAD-MISSING: .*nomos-circuits-v9\.9\.9-linux-x86_64\.tar\.gz is not there/);
  assert.match(read("zksign/witness_generator"), /one/, "what was there stays");
  const second = await runProgram(
    t,
    ["task", "setup-circuits", `url=${server.url}/good`, `kzg-url=${server.url}/good`, "dir=circuits"],
    {
      cwd,
      env: { NOMOS_CIRCUITS_VERSION: "v0.3.2", NOMOS_CIRCUITS_PLATFORM: "linux-x86_64" },
    },
  );
  assert.equal(second.code, 0, second.stderr);
  assert.match(read("zksign/witness_generator"), /two/);
  assert.deepEqual(
    new Set((await server.requests()).map(({ authorization }) => authorization)),
    new Set([null]),
    "the token is GitHub's",
  );
});

test("a connection that is cut is taken up where it was", async (t) => {
  const { release, run, server, read } = await prepare(t, { plan: "cut" });
  release("v0.3.1", "x".repeat(50_000));
  const { code, stdout, stderr } = await run();
  assert.equal(code, 0, stderr);
  assert.match(stdout, /attempt 2 of 6/);
  assert.match(read("zksign/witness_generator"), /x{50000}/);
  assert.match(String((await server.requests())[1]?.range), /^bytes=\d+-$/);
});

test("where a platform has no release, the next best is taken, and it is said", async (t) => {
  const { release, run, read } = await prepare(t, { platform: "linux-x86_64" });
  release("v0.3.1", "intel");
  for (const platform of ["linux-aarch64", "macos-x86_64"]) {
    const { code, stdout, stderr } = await run(`platform=${platform}`);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`there is no release for ${platform}: took linux-x86_64`));
    assert.match(read("zksign/witness_generator"), /intel/);
  }
  assert.match((await run("platform=macos-aarch64")).stderr, /NR-HOST-DOWNLOAD-MISSING: .*macos-aarch64/);
});

test("files that are here already need no network, and their checksums are checked", async (t) => {
  const { release, run, read, server, files, cwd } = await prepare(t);
  const tar = release("v0.3.1", "mine");
  copyFileSync(tar, join(cwd, "given.tar.gz"));
  copyFileSync(join(files, REV, "tests/kzgrs/kzgrs_test_params"), join(cwd, "given.kzg"));
  const digest = execFileSync("sha256sum", [tar], { encoding: "utf8" }).split(" ")[0];
  const given = ["archive=given.tar.gz", "kzg=given.kzg"];
  assert.match((await run(...given, `sha256=${"0".repeat(64)}`)).stderr, /NR-HOST-CHECKSUM: \S+given\.tar\.gz has/);
  assert.ok(!existsSync(join(cwd, "circuits")));
  const { code, stderr } = await run(...given, `sha256=${digest}`);
  assert.equal(code, 0, stderr);
  assert.equal(read("kzgrs_test_params"), "powers of tau");
  assert.deepEqual(await server.requests(), []);
  assert.equal((await run("archive=given.tar.gz", "kzg=none", "dir=other")).code, 0);
  assert.ok(!existsSync(join(cwd, "other/kzgrs_test_params")));
  rmSync(join(cwd, "given.kzg"));
  assert.match((await run(...given)).stderr, /NR-TASK-INPUT: there is no \S+given\.kzg/);
});

test("an archive of something else, or of something evil, is put to no use", async (t) => {
  const { run, files, cwd } = await prepare(t);
  mkdirSync(join(cwd, "top"));
  writeFileSync(join(cwd, "top/readme"), "no circuits");
  execFileSync("tar", ["-czf", join(cwd, "empty.tar.gz"), "-C", cwd, "top"]);
  assert.match((await run("archive=empty.tar.gz", "kzg=none")).stderr, /NR-TASK-BUNDLE: .* holds no circuits/);
  execFileSync("tar", [
    "-P",
    "-czf",
    join(cwd, "evil.tar.gz"),
    "-C",
    cwd,
    "--transform=s,^top/,top/../../../,",
    "top/readme",
  ]);
  assert.match((await run("archive=evil.tar.gz", "kzg=none")).stderr, /NR-HOST-ARCHIVE: .*contains '\.\.'/);
  writeFileSync(join(cwd, "cut.tar.gz"), readFileSync(join(cwd, "empty.tar.gz")).subarray(0, 40));
  assert.match((await run("archive=cut.tar.gz", "kzg=none")).stderr, /NR-HOST-ARCHIVE/);
  assert.ok(!existsSync(join(cwd, "circuits")) && !existsSync(join(files, "readme")));
});

test("a disk that fills up leaves what was there", {
  skip: process.getuid?.() !== 0 ? "needs root to mount a small disk" : false,
}, async (t) => {
  const { release, run, read, cwd } = await prepare(t);
  const small = join(cwd, "circuits-disk");
  mkdirSync(small);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", small]);
  try {
    release("v0.3.1", "one");
    const first = await run("dir=circuits-disk/circuits");
    assert.equal(first.code, 0, first.stderr);
    release("v0.3.2", Array.from({ length: 60_000 }, (_, i) => (i * i) % 9973).join(""));
    const full = await run("dir=circuits-disk/circuits", "version=v0.3.2");
    assert.equal(full.code, 3);
    assert.match(full.stderr, /NR-HOST-DISK-FULL: the disk is full/);
    assert.match(full.stderr, /or have it made elsewhere, where the task has an option for that/);
    assert.match(read("../circuits-disk/circuits/zksign/witness_generator"), /one/);
    assert.match((await run("dir=circuits-disk/circuits")).stdout, /setup-circuits skipped/);
  } finally {
    execFileSync("umount", [small]);
  }
});
