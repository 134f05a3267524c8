import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { EXECUTABLE, scratch } from "../support/program.ts";

function nomosRun(cwd: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(EXECUTABLE, args, { cwd, env: { HOME: cwd }, encoding: "utf8" });
  return { status, stdout, stderr };
}

/** The system's own digest of a file. */
function sha256(path: string): string {
  return spawnSync("sha256sum", [path], { encoding: "utf8" }).stdout.slice(0, 64);
}

/** A program that says of itself what a next build would, and leaves a mark when it is run. */
function nextBuild(t: TestContext): { folder: string; path: string } {
  const folder = scratch(t);
  const about = JSON.parse(nomosRun(folder, "about", "--json").stdout);
  const next = {
    ...about,
    build: "9.9.9 (abc)",
    node: "99.0.0",
    commands: { ...about.commands, plan: [...about.commands.plan, "--new"], fly: ["--high"] },
    api: about.api.filter((name: string) => name !== "leaders"),
    errorCodes: [...about.errorCodes, "NR-NEW"],
  };
  const path = join(folder, "nomos-run-9.9.9");
  writeFileSync(path, `#!/bin/sh\ntouch '${folder}/was-run'\ncat <<'END'\n${JSON.stringify(next)}\nEND\n`);
  chmodSync(path, 0o755);
  return { folder, path };
}

test("what a verified build changes is shown", (t) => {
  const { folder, path } = nextBuild(t);
  const verified = `nomos-run-9.9.9: SHA-256 ${sha256(path)}, as`;
  const changes = `build: .* -> 9\\.9\\.9 \\(abc\\)
Node: ${process.versions.node} -> 99\\.0\\.0
command line: \\+ plan --new
command line: \\+ fly
command line: \\+ fly --high
scenario API: - leaders
error code: \\+ NR-NEW
`;
  writeFileSync(join(folder, "SHA256SUMS"), `${"0".repeat(64)}  other\n${sha256(path)}  nomos-run-9.9.9\n`);
  const sums = nomosRun(folder, "upgrade", "--check", "nomos-run-9.9.9");
  assert.deepEqual([sums.status, sums.stderr], [0, ""]);
  assert.match(sums.stdout, new RegExp(`^${verified} SHA256SUMS has it\n${changes}$`));
  rmSync(join(folder, "SHA256SUMS"));
  writeFileSync(`${path}.sha256`, `${sha256(path).toUpperCase()}\n`);
  assert.match(nomosRun(folder, "upgrade", "--check", path).stdout, /as nomos-run-9\.9\.9\.sha256 has it/);
  rmSync(`${path}.sha256`);
  const given = nomosRun(folder, "upgrade", "--check", "nomos-run-9.9.9", "--sha256", sha256(path));
  assert.match(given.stdout, /as --sha256 has it/);
});

test("the same build is recognised", (t) => {
  const folder = scratch(t);
  copyFileSync(EXECUTABLE, join(folder, "copy"));
  const { status, stdout } = nomosRun(folder, "upgrade", "--check", "copy", "--sha256", sha256(EXECUTABLE));
  assert.equal(status, 0);
  assert.match(stdout, /it is this build\n$/);
});

test("what is not what was published is not run", (t) => {
  const { folder, path } = nextBuild(t);
  const none = nomosRun(folder, "upgrade", "--check", path);
  assert.equal(none.status, 3);
  assert.match(none.stderr, /NR-CLI-CHECKSUM: there is no checksum of /);
  writeFileSync(join(folder, "SHA256SUMS"), `${sha256(path)}  nomos-run-9.9.9\n`);
  writeFileSync(path, `${readFileSync(path, "utf8")}#`);
  const altered = nomosRun(folder, "upgrade", "--check", path);
  assert.equal(altered.status, 3);
  assert.match(
    altered.stderr,
    new RegExp(`NR-CLI-CHECKSUM: .* has SHA-256 ${sha256(path)}; SHA256SUMS has [0-9a-f]{64}`),
  );
  assert.equal(spawnSync("ls", [join(folder, "was-run")]).status, 2);
});

test("what can't be checked is refused", (t) => {
  const folder = scratch(t);
  const text = join(folder, "text");
  writeFileSync(text, "no program");
  for (const [args, status, message] of [
    [[], 64, /NR-CLI-OPTION: upgrade needs --check <file>/],
    [["--check", "absent", "--sha256", "0".repeat(64)], 64, /NR-CLI-VALUE: absent can't be read: ENOENT/],
    [["--check", "text", "--sha256", "xyz"], 64, /NR-CLI-VALUE: --sha256 can't be "xyz"/],
    [
      ["--check", "text", "--sha256", sha256(text)],
      3,
      /NR-CLI-CHECKSUM: text is what was published, but can't be asked/,
    ],
  ] as const) {
    const result = nomosRun(folder, "upgrade", ...args);
    assert.equal(result.status, status);
    assert.match(result.stderr, message);
  }
});
