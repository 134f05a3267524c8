import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { scratch } from "../support/program.ts";
import { runProgram } from "../tasks/support/program.ts";

const docker = (...args: string[]) => execFileSync("docker", args, { encoding: "utf8" });
/** A real program for another processor, where there is one. */
const FOREIGN = process.arch === "x64" ? "/usr/aarch64-linux-gnu/lib/libc.so.6" : "/usr/x86_64-linux-gnu/lib/libc.so.6";
const KZG = "KZG parameters\n".repeat(100);

/** A bundle whose nodes say what they are told, or show a file. */
function bundle(folder: string, name: string, change: (artifacts: string) => void = () => undefined): string {
  const artifacts = join(folder, "artifacts");
  rmSync(artifacts, { recursive: true, force: true });
  mkdirSync(join(artifacts, "circuits/zksign"), { recursive: true });
  for (const [program, path] of [
    ["echo", "nomos-node"],
    ["cat", "nomos-executor"],
    ["true", "circuits/zksign/witness_generator"],
  ] as const) {
    copyFileSync(`/bin/${program}`, join(artifacts, path));
    chmodSync(join(artifacts, path), 0o755);
  }
  writeFileSync(join(artifacts, "circuits/kzgrs_test_params"), KZG);
  writeFileSync(join(artifacts, "nomos-bundle-meta.env"), "nomos_node_rev=abc\n");
  change(artifacts);
  execFileSync("tar", ["-czf", join(folder, name), "-C", folder, "artifacts"]);
  return name;
}

test("real nodes of a bundle become an image, on nothing and on another image", async (t) => {
  const cwd = scratch(t);
  const image = `nomos-run-test-${process.pid}`;
  bundle(cwd, "bundle.tar.gz");
  const env = { NOMOS_BINARIES_TAR: "bundle.tar.gz", LOGOS_BLOCKCHAIN_TESTNET_IMAGE: `${image}:bundle` };
  const build = async (...args: string[]) => {
    const { code, stdout, stderr } = await runProgram(t, ["task", "build-image", "--bundle", ...args], { cwd, env });
    assert.equal(code, 0, stderr);
    return stdout + stderr;
  };
  t.after(() => docker("image", "rm", "-f", `${image}:bundle`));
  const first = /:bundle is made: (sha256:\w+)/.exec(await build())?.[1] ?? assert.fail();
  // Which it is no more when it is forced.
  t.after(() => docker("image", "rm", "-f", first));
  assert.match(await build(), /:bundle was there: sha256:/);
  assert.match(await build("--force"), /:bundle is made: sha256:/);
  const run = (name: string, program: string, ...args: string[]) =>
    docker("run", "--rm", "--network=none", "--entrypoint", program, name, ...args);
  assert.equal(docker("run", "--rm", "--network=none", `${image}:bundle`, "a", "node"), "a node\n");
  assert.equal(run(`${image}:bundle`, "nomos-executor", "/opt/nomos/kzg-params/kzgrs_test_params"), KZG);
  assert.equal(run(`${image}:bundle`, "/opt/circuits/zksign/witness_generator"), "");
  assert.match(run(`${image}:bundle`, "nomos-executor", "/proc/self/status"), /^Uid:\t65532\t/m);
  const variables = JSON.parse(docker("image", "inspect", `${image}:bundle`, "-f", "{{json .Config.Env}}"));
  assert.deepEqual(variables.filter((each: string) => each.startsWith("NOMOS")).toSorted(), [
    "NOMOS_CIRCUITS=/opt/circuits",
    "NOMOS_KZGRS_PARAMS_PATH=/opt/nomos/kzg-params/kzgrs_test_params",
  ]);

  // The first image has C libraries, which the second takes from it; its KZG parameters are other ones.
  mkdirSync(join(cwd, "kzg"));
  writeFileSync(join(cwd, "kzg/kzgrs_test_params"), "others\n");
  t.after(() => docker("image", "rm", "-f", `${image}:on-base`));
  const onBase = [`--base=${image}:bundle`, `tag=${image}:on-base`, "kzg=kzg"];
  assert.match(await build(...onBase), /:on-base is made: sha256:/);
  assert.match(await build(...onBase), /:on-base was there: sha256:/);
  assert.equal(docker("run", "--rm", "--network=none", `${image}:on-base`, "again"), "again\n");
  assert.equal(run(`${image}:on-base`, "nomos-executor", "/opt/nomos/kzg-params/kzgrs_test_params"), "others\n");
  const layers = (name: string): string[] =>
    JSON.parse(docker("image", "inspect", name, "-f", "{{json .RootFS.Layers}}"));
  assert.deepEqual(layers(`${image}:on-base`).slice(0, -1), layers(`${image}:bundle`));
  assert.equal(docker("ps", "-aq", "--filter", `ancestor=${image}:bundle`), "");
});

test("a bundle that makes no image says why", async (t) => {
  const cwd = scratch(t);
  const rows: readonly [what: string, args: readonly string[], says: RegExp][] = [
    ["no bundle", [], /^error NR-TASK-OPTION: task build-image is given no bundle/],
    ["a file that is not there", ["tar=none.tar"], /NR-HOST-ARCHIVE: \S*none.tar can't be unpacked: .*ENOENT/],
    [
      "no bundle's archive",
      [`tar=${bundle(cwd, "meta.tar", (at) => rmSync(join(at, "nomos-bundle-meta.env")))}`],
      /NR-TASK-BUNDLE: \S*meta.tar is no bundle: it has no artifacts\/nomos-bundle-meta.env/,
    ],
    [
      "a program less",
      [`tar=${bundle(cwd, "less.tar", (at) => rmSync(join(at, "nomos-executor")))}`],
      /NR-TASK-BUNDLE: there is no nomos-executor in \S*less.tar/,
    ],
    [
      "a script",
      [`tar=${bundle(cwd, "script.tar", (at) => writeFileSync(join(at, "nomos-node"), "#!/bin/sh\n"))}`],
      /NR-TASK-BUNDLE: nomos-node in \S*script.tar is no Linux program/,
    ],
    [
      "another processor's program",
      [`tar=${bundle(cwd, "foreign.tar", (at) => copyFileSync(FOREIGN, join(at, "nomos-node")))}`],
      /NR-TASK-BUNDLE: nomos-node in \S*foreign.tar is for (aarch64|x86_64), and the engine's machine is (amd64|arm64)/,
    ],
    [
      "no circuits",
      [`tar=${bundle(cwd, "bare.tar", (at) => rmSync(join(at, "circuits"), { recursive: true }))}`],
      /NR-TASK-INPUT: there are no circuits in \S*bare.tar\n.*setup-circuits/,
    ],
    [
      "no KZG parameters",
      [`tar=${bundle(cwd, "kzg.tar", (at) => rmSync(join(at, "circuits/kzgrs_test_params")))}`],
      /NR-TASK-INPUT: the circuits have no KZG parameters beside them/,
    ],
    [
      "KZG parameters that are not there",
      [`tar=${bundle(cwd, "whole.tar")}`, "kzg=none"],
      /no file of KZG parameters at \S+\/none/,
    ],
    ["circuits that are not there", ["tar=whole.tar", "circuits=none"], /there are no circuits in \S+\/none/],
    [
      "a base that is not there",
      ["tar=whole.tar", "base=no/such:image"],
      /NR-DOCKER-IMAGE: there is no image no\/such:image in the engine/,
    ],
    ["a base that is no name", ["base=A B"], /NR-TASK-OPTION: task build-image can't use base "A B"/],
    [
      "an archive too",
      ["tar=whole.tar", "archive=whole.tar"],
      /NR-TASK-OPTION: task build-image is given a bundle and an archive/,
    ],
    [
      "a base for the embedded node",
      ["bundle=no", "base=a"],
      /NR-TASK-OPTION: task build-image is given the base a without a bundle/,
    ],
    ["neither yes nor no", ["bundle=maybe"], /NR-TASK-OPTION: task build-image can't use bundle "maybe"/],
  ];
  await Promise.all(
    rows.map(async ([what, args, says]) => {
      const real = args.some((each) => each.startsWith("bundle=")) ? args : ["bundle=yes", ...args];
      const { code, stderr } = await runProgram(t, ["task", "build-image", "tag=never:made", ...real], { cwd });
      assert.notEqual(code, 0, what);
      assert.match(stderr, says, what);
    }),
  );
  assert.equal(docker("image", "ls", "-q", "never:made"), "");
});

test("--print-config says what would be used and where it is from, and does nothing", async (t) => {
  const cwd = scratch(t);
  const env = {
    NOMOS_BINARIES_TAR: "bundle.tar.gz",
    LOGOS_BLOCKCHAIN_TESTNET_IMAGE: "my/node:1",
    DOCKER_HOST: "unix:///nowhere",
  };
  const args = ["task", "build-image", "--bundle", "--base=debian:12", "--print-config"];
  const { code, stdout, stderr } = await runProgram(t, args, { cwd, env });
  assert.deepEqual([code, stderr], [0, ""]);
  const { task, options, steps } = JSON.parse(stdout);
  assert.equal(task, "build-image");
  assert.deepEqual(options, {
    tag: { value: null, from: null },
    archive: { value: null, from: null },
    bundle: { value: "yes", from: "command line" },
    tar: { value: "bundle.tar.gz", from: "NOMOS_BINARIES_TAR" },
    packages: { value: "nomos-node,nomos-executor", from: "default" },
    base: { value: "debian:12", from: "command line" },
    circuits: { value: null, from: null },
    kzg: { value: null, from: null },
    "testnet-image": { value: "my/node:1", from: "LOGOS_BLOCKCHAIN_TESTNET_IMAGE" },
  });
  assert.deepEqual(steps, [
    "take nomos-node and nomos-executor from bundle.tar.gz",
    "put them on debian:12",
    "make my/node:1 of them, circuits and KZG parameters, unless the engine has it already",
  ]);
});
