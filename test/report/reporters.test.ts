import assert from "node:assert/strict";
import test from "node:test";
import { stripVTControlCharacters } from "node:util";
import { CodedError } from "../../lib/core/errors.ts";
import { VirtualClock } from "../../lib/deployers/simulation/virtual-clock.ts";
import { createReporter } from "../../lib/report/create.ts";
import { renderError } from "../../lib/report/error-text.ts";
import { header, paper, report, story } from "./fixture.ts";

const ESCAPE = "\u001b";

/** Tells the story to a reporter, with the pauses that its events have, and some seconds of silence at the end. */
async function tell(name: "tty" | "plain" | "json", screen: ReturnType<typeof paper>, silenceMs = 0): Promise<string> {
  const clock = new VirtualClock();
  const reporter = createReporter(name, header, screen, clock);
  for (const event of story) {
    clock.runUntil(event.t);
    reporter.event(event);
  }
  await clock.drive(clock.sleep(silenceMs), 1e9);
  reporter.end(report);
  return screen.text();
}

test("plain: a line for each event that matters, then the verdict with figures and places", async () => {
  assert.equal(
    await tell("plain", paper()),
    `[   0.000s] run run-1, seed s33d
[   0.013s] reserve: done after 13ms
[   1.500s] the judged window opens at slot 2, height 1
[   2.000s] fault restart-0: restart validator-1
[   2.050s] validator-1 ended: exit code 0, as asked
[   2.060s] validator-1 started again (start 2, pid 9)
[   2.100s] fault restart-0 took effect: pid 1 became pid 9
[   2.700s] fault restart-0 healed: it answers, and its tip moved
[   4.000s] validator-2 ended unexpectedly: SIGKILL, not by us
[   5.000s] warning: the network is slow
[   6.000s] error NR-RUN-STAGE in heal: stage heal failed (Look.)

FAILED  conformance, 90s
  no-unexpected-exit: validator-2 ended

  + liveness            90 blocks in 100 slots, at least 70 were needed
      blocks 90, slots 100, power 0.988; limits minimumBlocks 70, falseAlarm 1.0e-6
  x no-unexpected-exit  1 node ended although nobody asked it to
      ended 1; limits ended 0
      - validator-2, start 1: SIGKILL, not by us
      - more 0
      - more 1
      - more 2
      - more 3
      ... 2 more in run.json

  error NR-RUN-STAGE in heal: stage heal failed
    Look.

  made        6 things in the world, 6 of them gone
  evidence    /tmp/runs/run-1
  look closer nomos-run logs run-1 [NODE]; events.ndjson and run.json in that folder
  again       --seed s33d
`,
  );
});

test("plain: a silent run says every ten seconds how it stands", async () => {
  const text = await tell("plain", paper(), 25_000);
  const standing = text.split("\n").filter((line) => line.includes("s] drive: "));
  assert.deepEqual(standing, [
    "[  10.000s] drive: 2 of 3 nodes up; height 2, LIB 0, slot 35; transactions 1 sent, 1 accepted, 1 in blocks, 0 refused; faults 1 of 1 started, 1 took effect, 1 healed",
    "[  20.000s] drive: 2 of 3 nodes up; height 2, LIB 0, slot 75; transactions 1 sent, 1 accepted, 1 in blocks, 0 refused; faults 1 of 1 started, 1 took effect, 1 healed",
    "[  30.000s] drive: 2 of 3 nodes up; height 2, LIB 0, slot 115; transactions 1 sent, 1 accepted, 1 in blocks, 0 refused; faults 1 of 1 started, 1 took effect, 1 healed",
  ]);
});

test("json: one object a line, the last of which is the result", async () => {
  const lines = (await tell("json", paper())).trimEnd().split("\n");
  const parsed = lines.map((line) => JSON.parse(line) as { type: string });
  assert.deepEqual(parsed.slice(0, -1), story);
  assert.deepEqual(parsed.at(-1), { type: "result", ...report });
});

test("tty: draws within the terminal's width, at least every two seconds, and leaves the verdict", async () => {
  const screen = paper({ columns: 50 });
  const clock = new VirtualClock();
  const reporter = createReporter("tty", header, screen, clock);
  for (const event of story) {
    clock.runUntil(event.t);
    reporter.event(event);
  }
  for (let second = 0; second < 10; second++) {
    const before = screen.text().length;
    await clock.drive(clock.sleep(2_000), 1e9);
    assert.ok(screen.text().length > before, `silent in second ${second}`);
  }
  const live = stripVTControlCharacters(screen.text()).replaceAll("\r", "");
  for (const line of live.split("\n")) assert.ok(line.length < 50, line);
  assert.match(live, /^drive {2}2\d\.\ds of 1\.0s {2}#{24}$/m);
  assert.match(live, /^ {2}transactions 1 sent, 1 accepted, 1 in blocks, …$/m);
  assert.match(live, /4\.0s {2}validator-2 ended unexpectedly/);

  reporter.end(report);
  const end = screen.text();
  assert.ok(end.lastIndexOf(`${ESCAPE}[?25h`) > end.lastIndexOf(`${ESCAPE}[?25l`), "the cursor is shown again");
  assert.match(end, /FAILED {2}conformance/);
});

test("colours only where they are wanted", async () => {
  const isStyled = (text: string) => /\[\d+m/.test(text.replaceAll(ESCAPE, ""));
  assert.ok(!isStyled(await tell("tty", paper({ color: false }))));
  assert.ok(!isStyled(await tell("plain", paper({ color: false }))));
  assert.ok(isStyled(await tell("tty", paper({ color: true }))));
});

test("errors: code, place and advice, and a stack only when asked for", () => {
  const cause = new Error("the cause");
  const error = new CodedError("NR-CORE-DURATION", "it is no duration", { at: "x.ts:3", hint: "Write 5s.", cause });
  assert.equal(
    renderError(error, { debug: false }),
    "error NR-CORE-DURATION: it is no duration\n  at x.ts:3\n  Write 5s.\n",
  );
  const full = renderError(error, { debug: true });
  assert.match(full, /reporters\.test\.ts/);
  assert.match(full, /caused by:\nError: the cause/);
  assert.equal(
    renderError(new TypeError("x is not a function"), { debug: false }),
    "error NR-CORE-INTERNAL: x is not a function\n  This is a fault of nomos-run. --debug shows where it comes from.\n",
  );
});
