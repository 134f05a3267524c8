import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { engineAddress } from "../../lib/host/docker/address.ts";
import { connectEngine } from "../../lib/host/docker/engine.ts";
import { buildImage } from "../../lib/host/docker/image.ts";
import { rootFilesOf } from "../../lib/host/docker/root-files.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { scratch } from "../support/program.ts";
import { runProgram } from "../tasks/support/program.ts";

/** containerd as Docker starts it for itself, or the system's own. */
const SOCKET = ["/var/run/docker/containerd/containerd.sock", "/run/containerd/containerd.sock"].find((path) =>
  existsSync(path),
);
const PATH = process.env.PATH ?? "";

async function smallImage(t: TestContext): Promise<string> {
  const engine = await connectEngine(engineAddress({}), systemClock);
  const files = await rootFilesOf({ file: "/bin/echo", path: "/usr/bin/echo" }, systemClock);
  const name = `nomos-run-test-${process.pid}:load`;
  await buildImage(engine, { name, files, command: ["/usr/bin/echo"] });
  t.after(() => execFileSync("docker", ["image", "rm", "-f", name]));
  return name;
}

/** A folder with programs of these names, which only say what they are told and whether a file of it is a tar. */
function tools(folder: string, names: readonly string[]): string {
  const bin = join(folder, `bin-${names.join("-")}`);
  mkdirSync(bin);
  for (const name of names) {
    const tool = join(bin, name);
    writeFileSync(
      tool,
      `#!/bin/sh\necho "$(basename $0) $@"\nfor f; do case "$f" in */*) tar tf "$f" | grep manifest.json;; esac; done\n`,
    );
    chmodSync(tool, 0o755);
  }
  return `${bin}:/usr/bin:/bin`;
}

test("containerd gets the image, and runs it", { skip: SOCKET ? false : "there is no containerd" }, async (t) => {
  const cwd = scratch(t);
  const image = await smallImage(t);
  const namespace = `nomos-run-test-${process.pid}`;
  const ctr = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync("ctr", ["-a", SOCKET ?? "", "-n", namespace, ...args], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  t.after(() => {
    ctr("images", "rm", "--sync", `docker.io/library/${image}`);
    ctr("namespaces", "rm", namespace);
  });
  const options = [`image=${image}`, `namespace=${namespace}`, `address=${SOCKET}`];
  const { code, stdout, stderr } = await runProgram(t, ["task", "load-image", "to=containerd", ...options], { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stdout + stderr, new RegExp(`containerd has ${image}`));
  assert.equal(ctr("images", "ls", "-q"), `docker.io/library/${image}\n`);
  assert.equal(ctr("run", "--rm", `docker.io/library/${image}`, "said", "/usr/bin/echo", "here"), "here\n");
});

test("each kind of cluster gets the image by its own program", async (t) => {
  const cwd = scratch(t);
  const image = await smallImage(t);
  const rows = [
    { has: ["kind", "ctr"], args: [], says: /^load-image: kind load image-archive \/\S+\.tar$/m },
    { has: ["k3d"], args: ["cluster=a"], says: /^load-image: k3d image import \/\S+\.tar --cluster a$/m },
    { has: ["minikube"], args: ["cluster=b"], says: /^load-image: minikube image load \/\S+\.tar --profile b$/m },
    {
      has: ["kind", "k3d"],
      args: ["to=kind", "cluster=c"],
      says: /^load-image: kind load image-archive \/\S+\.tar --name c$/m,
    },
    {
      has: ["ctr"],
      args: [],
      says: /^load-image: ctr --connect-timeout 2s --namespace k8s.io images import \/\S+\.tar$/m,
    },
  ];
  for (const { has, args, says } of rows) {
    const env = { PATH: tools(scratch(t), has) };
    const line = ["task", "load-image", "--verbose", `image=${image}`, ...args];
    const { code, stdout, stderr } = await runProgram(t, line, { cwd, env });
    assert.equal(code, 0, stderr);
    assert.match(stdout, says);
    assert.match(stdout, /^load-image: manifest.json$/m, "what it is given is an image");
  }
});

test("without anybody to give it to, or with too many, it is said before anything is saved", async (t) => {
  const cwd = scratch(t);
  const none = join(cwd, "none");
  mkdirSync(none);
  const rows: readonly [args: readonly string[], path: string, says: RegExp][] = [
    [[], none, /^error NR-TASK-TOOL: task load-image finds none of kind, k3d, minikube, ctr on the PATH\n {2}Install/m],
    [["to=kind"], none, /^error NR-TASK-TOOL: task load-image needs kind, not found on the PATH/m],
    [["to=k3d"], none, /NR-TASK-TOOL: task load-image needs k3d/],
    [["to=minikube"], none, /NR-TASK-TOOL: task load-image needs minikube/],
    [["to=containerd"], none, /NR-TASK-TOOL: task load-image needs ctr/],
    [
      ["to=podman"],
      none,
      /NR-TASK-OPTION: task load-image can't use to "podman": it is none of kind, k3d, minikube, containerd/,
    ],
    [
      [],
      tools(cwd, ["kind", "minikube"]),
      /NR-TASK-OPTION: kind and minikube are here: task load-image can't choose\n {2}Say which: to=kind\./,
    ],
    [["to=containerd", "cluster=a"], PATH, /NR-TASK-OPTION: task load-image can't use cluster for containerd/],
    [["to=kind", "address=/x"], tools(cwd, ["kind"]), /NR-TASK-OPTION: task load-image can't use address for kind/],
    [
      ["image=no/such:image"],
      tools(cwd, ["k3d"]),
      /NR-DOCKER-IMAGE: there is no image no\/such:image in the engine\n {2}Nothing is fetched/,
    ],
    [["to=containerd", "address=/no/socket", "archive=none.tar"], PATH, /NR-HOST-COMMAND: .*ctr .*none.tar/],
  ];
  await Promise.all(
    rows.map(async ([args, path, says]) => {
      const env = { PATH: path };
      const { code, stderr } = await runProgram(t, ["task", "load-image", ...args], { cwd, env });
      assert.notEqual(code, 0, says.source);
      assert.match(stderr, says);
    }),
  );
});
