import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { scratch } from "../support/program.ts";
import { contents, runProgram } from "./support/program.ts";

const hasCargo = spawnSync("cargo", ["--version"]).status === 0;

/** A checkout with the node's two packages, each a program of one line. */
function checkout(folder: string): string {
  const root = join(folder, "nomos-node");
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write("Cargo.toml", '[workspace]\nresolver = "2"\nmembers = ["nomos-node", "nomos-executor"]\n');
  for (const name of ["nomos-node", "nomos-executor"]) {
    write(
      `${name}/Cargo.toml`,
      `[package]\nname = "${name}"\nversion = "0.1.0"\nedition = "2021"\n[features]\ntesting = []\nextra = []\n`,
    );
    write(
      `${name}/src/main.rs`,
      `fn main() { println!("${name} testing={} dev={} extra={}", cfg!(feature = "testing"), cfg!(feature = "pol-dev-mode"), cfg!(feature = "extra")); }\n`,
    );
  }
  write(".gitignore", "target\n");
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", root, "-c", "user.name=t", "-c", "user.email=t@t", ...args]);
  git("init", "-q");
  execFileSync("cargo", ["generate-lockfile", "--offline", "--manifest-path", join(root, "Cargo.toml")], {
    stdio: "ignore",
  });
  git("add", ".");
  git("commit", "-q", "-m", "one");
  return root;
}

function prepare(t: TestContext) {
  const cwd = scratch(t);
  const root = checkout(cwd);
  const head = execFileSync("git", ["-C", root, "rev-parse", "HEAD"], { encoding: "utf8" }).trim();
  const env = { HOME: process.env.HOME ?? "/" };
  const run = (...options: string[]) => runProgram(t, ["task", "build-bundle", ...options], { cwd, env });
  return { cwd, root, head, run };
}

test("binaries are built from a checkout, bundled, and restored where revision and platform are right", {
  skip: hasCargo ? false : "needs cargo",
}, async (t) => {
  const { cwd, root, head, run } = prepare(t);
  const built = await run(
    "path=nomos-node",
    `rev=${head.slice(0, 12)}`,
    "offline=yes",
    "output=bundle.tar.gz",
    "dir=bin",
    "features=extra",
  );
  assert.equal(built.code, 0, built.stderr);
  assert.deepEqual(contents(cwd, "bin"), ["nomos-bundle-meta.env", "nomos-executor", "nomos-node"]);
  const says = execFileSync(join(cwd, "bin/nomos-executor"), { encoding: "utf8" });
  assert.equal(says, "nomos-executor testing=true dev=true extra=true\n");
  assert.match(
    readFileSync(join(cwd, "bin/nomos-bundle-meta.env"), "utf8"),
    new RegExp(`^nomos_node_git_head=${head}$`, "m"),
  );
  const names = execFileSync("tar", ["-tzf", join(cwd, "bundle.tar.gz")], { encoding: "utf8" });
  assert.deepEqual(names.trim().split("\n").toSorted(), [
    "artifacts/",
    "artifacts/nomos-bundle-meta.env",
    "artifacts/nomos-executor",
    "artifacts/nomos-node",
  ]);
  const again = [
    "path=nomos-node",
    `rev=${head.slice(0, 12)}`,
    "offline=yes",
    "output=bundle.tar.gz",
    "dir=bin",
    "features=extra",
  ];
  assert.match((await run(...again)).stdout, /build-bundle skipped/);

  const other = "1234567890abcdef1234567890abcdef12345678";
  assert.match(
    (await run("path=nomos-node", `rev=${other}`, "dir=no", "output=no.tgz")).stderr,
    /NR-TASK-BUNDLE: \S+nomos-node is of the node's revision \w+, and 1234567890/,
  );
  assert.match(
    (await run("tar=bundle.tar.gz", `rev=${other}`, "dir=no")).stderr,
    /NR-TASK-BUNDLE: \S+bundle\.tar\.gz is of the node's revision/,
  );
  const restored = await run("tar=bundle.tar.gz", `rev=${head}`, "dir=restored");
  assert.equal(restored.code, 0, restored.stderr);
  assert.match(execFileSync(join(cwd, "restored/nomos-node"), { encoding: "utf8" }), /^nomos-node testing=true/);
  const wrong = process.arch === "x64" ? "linux-aarch64" : "linux-x86_64";
  assert.match(
    (await run("tar=bundle.tar.gz", `platform=${wrong}`, "dir=no")).stderr,
    /nomos-node in \S+ is for linux-\w+, and not for/,
  );
  assert.match((await run("tar=bundle.tar.gz", "packages=nomos-cli", "dir=no")).stderr, /has no nomos-cli in it/);

  writeFileSync(join(root, "nomos-node/src/main.rs"), "fn main() { not rust }\n");
  const broken = await run(...again);
  assert.equal(broken.code, 3);
  assert.match(broken.stdout, /has changes that \w{12} lacks/);
  assert.match(
    broken.stderr,
    /NR-HOST-COMMAND: cargo build .*--features testing,extra --profile dev --offline .* ended with 101:\n(.*\n)*.*error/,
  );
  assert.match(
    execFileSync(join(cwd, "bin/nomos-node"), { encoding: "utf8" }),
    /^nomos-node testing=true/,
    "the old one stays",
  );
});

test("what can't be built or restored is refused", { skip: hasCargo ? false : "needs cargo" }, async (t) => {
  const { cwd, run, root } = prepare(t);
  for (const [options, code, text] of [
    [[], 64, /NR-TASK-OPTION: .* neither a checkout nor a bundle/],
    [["path=nomos-node", "tar=x"], 64, /NR-TASK-OPTION: .* a checkout and a bundle/],
    [["path=nowhere"], 64, /NR-TASK-INPUT: there is no \S+nowhere/],
    [["path=."], 64, /NR-TASK-INPUT: \S+ is no checkout: it has no Cargo\.toml/],
    [["tar=none.tgz"], 64, /NR-TASK-INPUT: there is no \S+none\.tgz/],
    [["path=nomos-node", "packages=a b"], 64, /NR-TASK-OPTION: .*packages "a b": it is not a list of names/],
    [["path=nomos-node", "rev=main"], 64, /NR-TASK-OPTION: .*rev "main": it is not 7 to 40 hexadecimal digits/],
    [["path=nomos-node", "packages=nomos-cli", "offline=yes"], 3, /NR-HOST-COMMAND: .*nomos-cli/],
  ] as const) {
    const ended = await run(...options);
    assert.match(ended.stderr, text, options.join(" "));
    assert.equal(ended.code, code, options.join(" "));
  }
  execFileSync("tar", ["-czf", join(cwd, "no.tgz"), "-C", root, "nomos-node"]);
  assert.match((await run("tar=no.tgz")).stderr, /NR-TASK-BUNDLE: \S+no\.tgz is no bundle/);
  rmSync(join(cwd, "nomos-node"), { recursive: true });
});
