import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createWriteStream, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import test from "node:test";
import { engineAddress } from "../../lib/host/docker/address.ts";
import { connectEngine } from "../../lib/host/docker/engine.ts";
import { buildNodeImage } from "../../lib/host/docker/node-image.ts";
import { type TarEntry, tarOf } from "../../lib/host/docker/tar-stream.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { EXECUTABLE, scratch } from "../support/program.ts";
import { runProgram } from "../tasks/support/program.ts";

const { makeImageArchive } = (await import(new URL("../../scripts/build/image-archive.mjs", import.meta.url).href)) as {
  makeImageArchive(options: {
    path: string;
    target: { name: string; platform: string; arch: string };
    executable: string;
    build: string;
  }): Promise<void>;
};

const run = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: "utf8" }).trim();
const docker = (...args: string[]) => run("docker", ...args);
const target = { name: `linux-${process.arch}`, platform: "linux", arch: process.arch };

test("an archive that is made without an engine is loaded by build-image and by docker, and is the program", async (t) => {
  const cwd = scratch(t);
  const version = run(EXECUTABLE, "--version");
  const build = /nomos-run (\S+ \(.*\))/.exec(version)?.[1] ?? assert.fail(version);
  const path = join(cwd, "image.tar");
  await makeImageArchive({ path, target, executable: EXECUTABLE, build });

  const tag = `nomos-run-test-${process.pid}:archive`;
  t.after(() => docker("image", "rm", "-f", tag));
  const loaded = await runProgram(t, ["task", "build-image", "archive=image.tar", `tag=${tag}`], { cwd });
  assert.equal(loaded.code, 0, loaded.stderr);
  assert.match(loaded.stdout + loaded.stderr, /:archive is made: sha256:/);
  const again = await runProgram(t, ["task", "build-image", "archive=image.tar", `tag=${tag}`], { cwd });
  assert.match(again.stdout + again.stderr, /:archive was there: sha256:/);
  assert.equal(docker("run", "--rm", "--network=none", tag, "--version"), version);

  // What Docker's own client makes of it.
  const name = /Loaded image: (\S+)/.exec(docker("load", "-i", path))?.[1] ?? assert.fail("it has no name");
  t.after(() => docker("image", "rm", "-f", name));
  assert.match(name, /^nomos-run-node:[0-9a-f]{12}$/);
  assert.equal(docker("run", "--rm", "--network=none", name, "--version"), version);
  const format = "{{.Config.User}} {{.Config.WorkingDir}} {{.Config.Entrypoint}} {{.Architecture}}";
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  assert.equal(
    docker("image", "inspect", name, "-f", format),
    `65532:65532 /node [/usr/bin/nomos-run] ${architecture}`,
  );

  // Of the Debian packages that it has files of, it has their licences.
  const container = docker("create", name);
  t.after(() => docker("rm", container));
  const files = run("sh", "-c", `docker export ${container} | tar t`).split("\n");
  const licences = files.flatMap((file) => /^usr\/share\/doc\/(\S+)\/copyright$/.exec(file)?.[1] ?? []);
  assert.deepEqual(licences, ["ca-certificates", "libc6", "libgcc-s1", "libstdc++6"]);
});

test("what is no image for this engine and program is refused before anything is loaded", async (t) => {
  const folder = scratch(t);
  const engine = await connectEngine(engineAddress({}), systemClock);
  const text = (path: string, content: string): TarEntry => {
    const bytes = new TextEncoder().encode(content);
    return { path, mode: 0o644, owner: 0, size: bytes.length, bytes: [bytes] };
  };
  const archive = async (name: string, entries: readonly TarEntry[]) => {
    await pipeline(Readable.from(tarOf(entries)), createWriteStream(join(folder, name)));
    return join(folder, name);
  };
  const image = (architecture: string, Labels: object) => [
    text("manifest.json", JSON.stringify([{ Config: "c.json", RepoTags: ["a:b"], Layers: [] }])),
    text("c.json", JSON.stringify({ architecture, config: { Labels } })),
  ];
  writeFileSync(join(folder, "text"), "no tar\n".repeat(500));
  truncateSync(await archive("cut.tar", [text("large", "x".repeat(2_000)), ...image("amd64", {})]), 1_500);
  truncateSync(await archive("within.tar", image("amd64", { long: "x".repeat(2_000) })), 2_000);
  const other = engine.architecture === "amd64" ? "arm64" : "amd64";
  const odd = [
    [join(folder, "none.tar"), /is no archive of an image: ENOENT/],
    [folder, /is no archive of an image/],
    [join(folder, "text"), /is no archive of an image/],
    [join(folder, "cut.tar"), /is no archive of an image/],
    [join(folder, "within.tar"), /is no archive of an image/],
    [await archive("empty.tar", []), /is no archive of an image/],
    [await archive("foreign.tar", [text("a.json", "{}")]), /is no archive of an image/],
    [await archive("broken.tar", [text("manifest.json", "[{")]), /is no archive of an image/],
    [await archive("other.tar", image(other, {})), new RegExp(`is for ${other}, and the engine's machine is `)],
    [await archive("nobody.tar", image(engine.architecture, {})), /has another program in it, and this is 0\.1\.0/],
    [
      await archive("old.tar", image(engine.architecture, { "nomos-run.build": "0.0.9 (abc)" })),
      /has 0\.0\.9 \(abc\) in it, and this is 0\.1\.0/,
    ],
  ] as const;
  for (const [path, message] of odd) {
    await assert.rejects(
      buildNodeImage(engine, { clock: systemClock, archive: path }),
      { code: "NR-DOCKER-ARCHIVE", message },
      path,
    );
  }
  assert.equal(docker("image", "ls", "-q", "a:b"), "");
});
