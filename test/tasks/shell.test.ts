import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { CodedError } from "../../lib/core/errors.ts";
import { waitFor } from "../../lib/core/wait.ts";
import { commandWords, quoteWord } from "../../lib/host/command-words.ts";
import { commandError, openShell } from "../../lib/host/shell.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { scratch } from "../support/program.ts";

const clock = systemClock;
const signal = new AbortController().signal;

test("words are quoted so that sh and we read them back", () => {
  const word = fc.string({ unit: "grapheme-ascii", minLength: 0, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const line = ["printf", "%s\\n", ...words].map(quoteWord).join(" ");
      assert.deepEqual(commandWords(line).slice(2), words);
      assert.equal(execFileSync("sh", ["-c", line], { encoding: "utf8" }), words.map((each) => `${each}\n`).join(""));
    }),
    { numRuns: 100 },
  );
});

test("without a shell, what only a shell understands is refused", () => {
  for (const line of ["a | b", "a > b", "$HOME", "a; b", "ls *", "A=1 b", "a 'b", "a && b", 'a "b"', "", "a `b`"]) {
    assert.throws(
      () => commandWords(line),
      (error) => error instanceof CodedError && error.code === "NR-HOST-NO-SHELL",
      line,
    );
  }
  assert.deepEqual(commandWords("cargo build -p a 'b c' --x=1"), ["cargo", "build", "-p", "a", "b c", "--x=1"]);
});

test("commands run in bash, and in sh where there is no bash", async (t) => {
  const folder = scratch(t);
  mkdirSync(join(folder, "bin"));
  symlinkSync("/bin/sh", join(folder, "bin/sh"));
  const awkward = 'it\'s $HOME; "x"\n-n';
  for (const [PATH, shell] of [
    [process.env.PATH, /bash/],
    [join(folder, "bin"), /sh$/],
  ] as const) {
    const { $ } = openShell({ folder, env: { PATH, WHO: "me" }, clock, signal });
    const { stdout } = await $`/bin/echo ${awkward} ${["a b", "c"]} $WHO; exec /bin/readlink /proc/$$/exe || true`;
    assert.ok(stdout.startsWith(`${awkward} a b c me\n`), stdout);
    assert.match((await $`echo $0`).stdout.trim(), shell);
  }
});

test("where there is no shell at all, programs still run", {
  skip: process.getuid?.() !== 0 ? "needs root" : false,
}, (t) => {
  const folder = scratch(t);
  const script = `
    import { openShell, commandError } from ${JSON.stringify(join(import.meta.dirname, "../../lib/host/shell.ts"))};
    import { systemClock } from ${JSON.stringify(join(import.meta.dirname, "../../lib/host/system-clock.ts"))};
    const { $ } = openShell({ folder: "/", env: { PATH: "/nowhere" }, clock: systemClock, signal: new AbortController().signal });
    console.log((await $\`/bin/echo one \${"two three"}\`).stdout.trim());
    await $\`/bin/echo a | /bin/cat\`.catch((e) => console.log(commandError(e, "x").code));`;
  // Both shells hidden behind what is no program, for this process alone.
  const hide = ["/bin/sh", "/bin/bash", "/bin/dash"].map((path) => `mount --bind /dev/null ${path}`).join(" && ");
  const { stdout, stderr } = spawnSync(
    "unshare",
    [
      "-m",
      "perl",
      "-e",
      `system($_) for split / && /, q{${hide}}; exec @ARGV`,
      process.execPath,
      "--input-type=module",
      "-e",
      script,
    ],
    { encoding: "utf8", cwd: folder },
  );
  assert.equal(stdout, "one two three\nNR-HOST-NO-SHELL\n", stderr);
});

test("a failed command is an error with the last that it said", async () => {
  const lines: string[] = [];
  const { $ } = openShell({ folder: "/", env: process.env, clock, signal, onLine: (line) => lines.push(line) });
  const thrown = await $`echo first; printf 'sec'; printf 'ond\n'; echo bad >&2; exit 3`.catch(
    (error: unknown) => error,
  );
  const error = commandError(thrown, "the command");
  assert.equal(error?.code, "NR-HOST-COMMAND");
  assert.equal(error?.message, "the command ended with 3:\n    first\n    second\n    bad");
  assert.deepEqual(lines.slice(1).toSorted(), ["bad", "first", "second"]);
  assert.equal(commandError(new Error("other"), ""), null);
});

test("an abort ends commands with all that they started", async (t) => {
  const folder = scratch(t);
  const abort = new AbortController();
  const shell = openShell({ folder, env: { ...process.env, MARK: folder }, clock, signal: abort.signal });
  const marked = () =>
    readdirSync("/proc").filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(`MARK=${folder}`);
      } catch {
        // Gone, or not ours to look at.
        return false;
      }
    });
  const work = shell.$`trap '' TERM; sleep 60 & (sleep 61; true) & wait; sleep 62`.catch((error: unknown) => error);
  await waitFor({
    clock,
    what: "the commands",
    timeoutMs: 5_000,
    intervalMs: 10,
    look: () => (marked().length >= 3 ? { done: true, value: null } : { done: false, seen: `${marked().length}` }),
  });
  abort.abort(new Error("stop"));
  await shell.close();
  await work;
  assert.deepEqual(marked(), []);
  await assert.rejects(async () => await shell.$`true`);
});
