import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test, { after, before, describe } from "node:test";
import { EXECUTABLE, latestRun, readReport, scenario } from "../support/program.ts";

const CHROOT = "/usr/sbin/chroot";

/** A root that holds the executable, the C libraries that it needs, /proc and /dev/null: no shell, no Node, no /tmp. */
let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), "nomos-run-root-"));
  copyFileSync(EXECUTABLE, join(root, "nomos-run"));
  for (const [library] of system("ldd", [EXECUTABLE]).matchAll(/\/\S+/g)) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    copyFileSync(library, join(root, library));
  }
  mkdirSync(join(root, "dev"));
  system("mknod", ["-m", "666", join(root, "dev/null"), "c", "1", "3"]);
  mkdirSync(join(root, "proc"));
  system("mount", ["-t", "proc", "proc", join(root, "proc")]);
});
after(() => {
  system("umount", [join(root, "proc")]);
  rmSync(root, { recursive: true, force: true });
});

function system(program: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  assert.equal(status, 0, `${program}: ${error?.message ?? stderr}`);
  return stdout;
}

/** Runs the executable in the root, with no environment at all. */
function nomosRun(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(CHROOT, [root, "/nomos-run", ...args], {
    env: {},
    encoding: "utf8",
    timeout: 240_000,
  });
  return { status, stdout, stderr };
}

describe("in an empty root", () => {
  test("init, plan and check work; check says that there is no compiler", () => {
    const init = nomosRun("init", "work");
    assert.deepEqual([init.status, init.stderr], [0, ""]);
    const plan = nomosRun("plan", "work/first.scenario.ts");
    assert.deepEqual([plan.status, plan.stderr], [0, ""]);
    assert.match(plan.stdout, /^first/);
    const check = nomosRun("check", "work/first.scenario.ts");
    assert.equal(check.status, 3);
    assert.match(check.stderr, /NR-HOST-COMPILER: there is no TypeScript compiler here/);
  });

  test("an enum is compiled though there is neither a home nor a /tmp", () => {
    writeFileSync(
      join(root, "enum.scenario.ts"),
      `import { scenario } from "nomos-run";
enum Count { Three = 3 }
export default scenario("enum").topologyWith((t) => t.networkStar().validators(Count.Three)).build();
`,
    );
    const { status, stderr } = nomosRun("plan", "enum.scenario.ts");
    assert.deepEqual([status, stderr], [0, ""]);
  });

  test("the smoke scenario passes on local processes and leaves nothing", () => {
    copyFileSync(scenario("smoke"), join(root, "smoke.scenario.ts"));
    const { status, stdout, stderr } = nomosRun("run", "smoke.scenario.ts", "--profile", "fast");
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.match(stdout, /^PASSED/m);
    const report = readReport(latestRun(root));
    assert.equal(report.inventory.removed, report.inventory.created);
    const inside = readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && rootOf(pid) === root);
    assert.deepEqual(inside, []);
  });
});

/** Root directory of a process, null when it is gone. */
function rootOf(pid: string): string | null {
  const { status, stdout } = spawnSync("readlink", [`/proc/${pid}/root`], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : null;
}
