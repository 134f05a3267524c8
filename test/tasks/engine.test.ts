import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { systemClock } from "../../lib/host/system-clock.ts";
import { scratch } from "../support/program.ts";
import { contents, runProgram, startProgram, until } from "./support/program.ts";

const TASKS = `import { task } from "nomos-run";

export const shout = task("shout", {
  description: "Makes the text loud",
  options: { mark: { summary: "what ends it", default: "!" } },
  needs: { tools: ["tr"] },
  inputs: ["text"],
  outputs: { loud: "made/loud" },
  run: async ({ $, out, options }) => {
    await $\`(tr a-z A-Z < text; printf %s \${options["mark"]}) > \${out["loud"]}; echo ran >> ran\`;
  },
});

export const tree = task("tree", {
  description: "Makes a folder",
  needs: { tasks: ["shout"] },
  inputs: ["made/loud"],
  outputs: { tree: "made/tree", note: "made/note" },
  run: async ({ $, out, progress }) => {
    progress("planting");
    await $\`mkdir -p \${out["tree"]}/deep; cp made/loud \${out["tree"]}/deep/leaf; echo n > \${out["note"]}; echo tree >> ran\`;
  },
});

export const slow = task("slow", {
  description: "Takes its time",
  outputs: { slow: "made/slow", slower: "made/slower" },
  run: async ({ $, out, scratch }) => {
    await $\`echo half > \${out["slow"]}; mkdir \${out["slower"]}; echo half > \${out["slower"]}/a; : > \${scratch}/x; : > started; sleep 30 & wait\`;
  },
});

export const once = task("once", {
  description: "Makes nothing",
  run: async ({ $, note }) => note((await $\`echo it ran\`).stdout.trim()),
});

export const failing = task("failing", {
  description: "Fails",
  outputs: { never: "made/never" },
  run: async ({ $, out }) => void (await $\`echo part > \${out["never"]}; echo no such luck >&2; exit 7\`),
});

export const forgetful = task("forgetful", {
  description: "Makes nothing of what it promises",
  outputs: { never: "made/never" },
  run: async () => undefined,
});

export const late = task("late", {
  description: "Takes too long",
  outputs: { never: "made/never" },
  timeout: "300ms",
  run: async ({ $, out }) => void (await $\`echo part > \${out["never"]}; sleep 30\`),
});

export const mistaken = task("mistaken", { description: "", outputs: () => { throw new TypeError("no"); }, run: async () => undefined });
export const a = task("a", { description: "", needs: { tasks: ["b"] }, run: async () => undefined });
export const b = task("b", { description: "", needs: { tasks: ["c"] }, run: async () => undefined });
export const c = task("c", { description: "", needs: { tasks: ["a"] }, run: async () => undefined });
export const needy = task("needy", { description: "", needs: { tasks: ["trea"] }, run: async () => undefined });
export const tool = task("tool", { description: "", needs: { tools: ["no-such-tool"] }, run: async () => undefined });
`;

function prepare(t: TestContext) {
  const cwd = scratch(t);
  writeFileSync(join(cwd, "nomos.tasks.ts"), TASKS);
  writeFileSync(join(cwd, "text"), "hello\n");
  const run = (...args: string[]) => runProgram(t, ["task", ...args], { cwd });
  const ok = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args);
    assert.equal(code, 0, stderr);
    return stdout;
  };
  return { cwd, run, ok };
}

test("a task runs once, and again when input, option, text or output has changed", async (t) => {
  const { cwd, ok, run } = prepare(t);
  const runs = () => readFileSync(join(cwd, "ran"), "utf8").length / "ran\n".length;
  assert.match(await ok("shout"), /^shout done after [\d.]+m?s: \S+made\/loud is not there\n {2}\S+made\/loud\n$/m);
  assert.equal(readFileSync(join(cwd, "made/loud"), "utf8"), "HELLO\n!");
  assert.match(await ok("shout"), /^shout skipped: what it makes is there, of the same inputs$/m);
  assert.equal(runs(), 1);
  assert.match(await ok("shout", "mark=?"), /its inputs have changed/);
  assert.equal(readFileSync(join(cwd, "made/loud"), "utf8"), "HELLO\n?");
  writeFileSync(join(cwd, "text"), "bye\n");
  assert.match(await ok("shout", "mark=?"), /its inputs have changed/);
  rmSync(join(cwd, "made/loud"));
  assert.match(await ok("shout", "mark=?"), /is not there/);
  assert.match(await ok("shout", "mark=?", "--force"), /it is forced/);
  assert.equal(runs(), 5);
  writeFileSync(join(cwd, "nomos.tasks.ts"), TASKS.replace("echo ran >> ran", "echo ran  >> ran"));
  assert.match(await ok("shout", "mark=?"), /its inputs have changed/);
  assert.deepEqual(contents(cwd, "made"), [".loud.task.json", "loud"]);

  appendFileSync(join(cwd, "made/loud"), "edited");
  const altered = await run("shout", "mark=?");
  assert.equal(altered.code, 3);
  assert.match(
    altered.stderr,
    /^error NR-TASK-ALTERED: \S+made\/loud is not as task shout left it.*\n.*task shout --force/,
  );
  assert.match(readFileSync(join(cwd, "made/loud"), "utf8"), /edited/);
  await ok("shout", "mark=?", "--force");
  chmodSync(join(cwd, "made/loud"), 0o755);
  assert.match((await run("shout", "mark=?")).stderr, /NR-TASK-ALTERED/);
});

test("what no task made is never replaced by a folder, and not without --force by a file", async (t) => {
  const { cwd, run, ok } = prepare(t);
  mkdirSync(join(cwd, "made/tree"), { recursive: true });
  writeFileSync(join(cwd, "made/tree/mine"), "mine");
  writeFileSync(join(cwd, "made/loud"), "mine");
  assert.match((await run("shout")).stderr, /NR-TASK-FOREIGN: \S+made\/loud is there, and task shout did not make it/);
  assert.equal(readFileSync(join(cwd, "made/loud"), "utf8"), "mine");
  await ok("shout", "--force");
  for (const args of [["tree"], ["tree", "--force"]]) {
    assert.match((await run(...args)).stderr, /NR-TASK-FOREIGN: \S+made\/tree/);
    assert.deepEqual(contents(cwd, "made/tree"), ["mine"]);
  }
});

test("tasks run after those that they need; a folder takes its place by one rename of a link", async (t) => {
  const { cwd, ok } = prepare(t);
  const dry = await ok("tree", "--dry-run");
  assert.match(dry, /^shout would run: .*\n(.*\n)*tree would run: shout makes its inputs first$/m);
  assert.ok(!existsSync(join(cwd, "made")), "a dry run makes nothing");
  await ok("tree");
  assert.equal(readFileSync(join(cwd, "ran"), "utf8"), "ran\ntree\n");
  assert.equal(readFileSync(join(cwd, "made/tree/deep/leaf"), "utf8"), "HELLO\n!");
  const first = readlinkSync(join(cwd, "made/tree"));
  assert.match(await ok("tree", "--dry-run"), /^shout would be skipped: (.*\n)*tree would be skipped: /m);
  writeFileSync(join(cwd, "text"), "more\n");
  await ok("tree");
  assert.equal(readFileSync(join(cwd, "made/tree/deep/leaf"), "utf8"), "MORE\n!");
  assert.ok(!existsSync(join(cwd, "made", first)), "the old folder is gone");
  assert.equal(contents(cwd, "made").length, 6, contents(cwd, "made").join(" "));
});

test("names, needs and tools are checked before anything starts", async (t) => {
  const { cwd, run } = prepare(t);
  for (const [args, code, text] of [
    [["a"], 64, "NR-TASK-CYCLE: task a needs b needs c needs a"],
    [["needy"], 64, "NR-TASK-UNKNOWN: task needy needs trea, and there is no task trea\n  The nearest is tree."],
    [["mistaken"], 3, "NR-TASK-FAILED: task mistaken can't say what it reads and makes: no"],
    [["shout", "toString=1"], 64, "NR-TASK-OPTION: task shout has no option toString"],
    [["tool"], 3, "NR-TASK-TOOL: task tool needs no-such-tool, not found on the PATH"],
    [["shout", "Mark=1"], 64, "NR-TASK-OPTION: task shout has no option Mark\n  The nearest is mark."],
    [["shout", "mark"], 64, 'NR-CLI-ARGUMENT: "mark" is no option of a task'],
    [["shout", "mark=1", "mark=2"], 64, "NR-CLI-ARGUMENT: mark is given twice"],
    [["once", "--file", "none.ts"], 64, "NR-HOST-SCENARIO-FILE: there is no file none.ts"],
  ] as const) {
    const ended = await run(...args);
    assert.ok(ended.stderr.startsWith(`error ${text}`), ended.stderr);
    assert.equal(ended.code, code, args.join(" "));
    assert.equal(ended.stdout, "");
  }
  rmSync(join(cwd, "text"));
  assert.match((await run("shout")).stderr, /NR-TASK-INPUT: there is no \S+text/);
  assert.ok(!existsSync(join(cwd, "made")));
});

test("a task that fails, forgets or takes too long leaves nothing", async (t) => {
  const { cwd, run, ok } = prepare(t);
  const failed = await run("failing");
  assert.equal(failed.code, 3);
  assert.match(failed.stderr, /^error NR-HOST-COMMAND: echo part > .* ended with 7:\n {4}no such luck\n/);
  assert.match((await run("forgetful")).stderr, /NR-TASK-OUTPUT: task forgetful ended without making its output never/);
  assert.match((await run("late")).stderr, /NR-CORE-DEADLINE: task late took longer than 300ms/);
  assert.deepEqual(contents(cwd, "made"), []);
  assert.match(await ok("once"), /^once: it ran\nonce done/m);
});

test("two of the same at once: one works, the other waits and finds it done", async (t) => {
  const { cwd, ok } = prepare(t);
  writeFileSync(join(cwd, "nomos.tasks.ts"), TASKS.replace("echo ran >> ran", "echo ran >> ran; sleep 1"));
  const both = await Promise.all([ok("shout", "--json"), ok("shout", "--json")]);
  const events = both.map((text) =>
    text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  );
  const outcomes = events.map((each) => String(each.at(-1)?.["outcome"])).toSorted();
  assert.deepEqual(outcomes, ["done", "skipped"]);
  assert.equal(readFileSync(join(cwd, "ran"), "utf8"), "ran\n");
  assert.deepEqual(contents(cwd, "made"), [".loud.task.json", "loud"]);
});

const sleepers = (cwd: string) => {
  // As the OS has it: every process whose working directory is the test's, the program's own aside.
  const pids = execFileSync(
    "sh",
    ["-c", `ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -F '${cwd}' | sed 's,.*/proc/\\([0-9]*\\)/.*,\\1,'`],
    { encoding: "utf8" },
  );
  return pids.split("\n").filter((pid) => pid !== "");
};

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
  test(`${signal} at work leaves the old outputs`, async (t) => {
    const { cwd, ok } = prepare(t);
    mkdirSync(join(cwd, "made"));
    const { child, finished } = startProgram(t, ["task", "slow"], { cwd });
    await until("the command", () => existsSync(join(cwd, "started")));
    child.kill(signal);
    const { code, stderr } = await finished;
    assert.ok(!existsSync(join(cwd, "made/slow")) && !existsSync(join(cwd, "made/slower")));
    if (signal === "SIGKILL") {
      // Nobody is left to take it down, so it is found by its marks.
      const { stdout } = await runProgram(t, ["ps"], { cwd });
      assert.match(stdout, /^task-slow-\d+ +leftover/m);
      const run = /^task-slow-\d+/m.exec(stdout)?.[0] ?? "";
      await runProgram(t, ["clean", run], { cwd });
      assert.deepEqual(sleepers(cwd), []);
      writeFileSync(join(cwd, "nomos.tasks.ts"), TASKS.replace("sleep 30 & wait", "true"));
      await ok("slow");
      const made = contents(cwd, "made").filter((name) => !/^\.slower\.\d+-\d+-1$/.test(name));
      assert.deepEqual(made, [".slow.task.json", "slow", "slower"], "what was left is swept");
      return;
    }
    assert.equal(code, signal === "SIGINT" ? 130 : 143, stderr);
    assert.deepEqual(contents(cwd, "made"), []);
    assert.deepEqual(sleepers(cwd), []);
  });
}

test("killed at any moment, each output is the old or the new, and the next call goes on", async (t) => {
  const { cwd, ok } = prepare(t);
  const outputs = () => ({ leaf: read("made/tree/deep/leaf"), note: read("made/note") });
  const read = (path: string) => {
    try {
      return readFileSync(join(cwd, path), "utf8");
    } catch {
      // Not there, or a link to nothing, which the assertion below tells apart.
      return null;
    }
  };
  await ok("tree");
  for (let round = 0; round < 12; round++) {
    const before = outputs();
    const text = `round ${round}\n`;
    writeFileSync(join(cwd, "text"), text);
    const { child, finished } = startProgram(t, ["task", "tree"], { cwd });
    // From before it has looked at anything to after its end.
    await systemClock.sleep(60 + round * 35);
    child.kill("SIGKILL");
    await finished;
    const now = outputs();
    assert.ok(now.leaf === before.leaf || now.leaf === `${text.toUpperCase()}!`, `round ${round}: ${now.leaf}`);
    assert.equal(now.note, "n\n");
    const loud = read("made/loud");
    assert.ok(loud === before.leaf || loud === `${text.toUpperCase()}!`, `round ${round}: ${loud}`);
    await ok("tree");
    assert.equal(outputs().leaf, `${text.toUpperCase()}!`);
  }
  assert.equal(contents(cwd, "made").length, 6, contents(cwd, "made").join(" "));
});
