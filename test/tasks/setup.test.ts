import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { awaitEvent, latestRun, readEvents, readReport, scratch } from "../support/program.ts";
import { runProgram, startProgram } from "./support/program.ts";

const SCENARIO = `import { scenario, task } from "nomos-run";

export const seed = task("seed", {
  description: "Makes a file",
  outputs: { seed: "made/seed" },
  run: async ({ $, out }) => void (await $\`echo ran >> ran; echo seed > \${out["seed"]}\`),
});
const shown = task("shown", {
  description: "Shows it",
  needs: { tasks: ["seed", "beside"] },
  options: { n: { summary: "a number" } },
  run: async ({ $, options, note }) => note((await $\`cat made/seed; echo \${options["n"]}\`).stdout.replace("\\n", " ").trim()),
});
const broken = task("broken", {
  description: "Fails",
  outputs: { never: "made/never" },
  run: async ({ $, out }) => void (await $\`echo half > \${out["never"]}; exit 9\`),
});
const slow = task("slow", {
  description: "Takes its time",
  outputs: { never: "made/never" },
  run: async ({ $, out, progress }) => {
    progress("resting");
    await $\`echo half > \${out["never"]}; : > started; sleep 60\`;
  },
});
const base = (name: string) =>
  scenario(name).topologyWith((t) => t.networkStar().validators(1)).withRunDuration("4s");

export default base("whole")
  .setup("beside")
  .setup(shown, { n: 3 })
  .withWorkload({
    name: "speaker",
    async start(ctx) {
      if (ctx.plan.deployer === "sim") return;
      ctx.events.emit("observation", { by: "speaker", data: { said: (await ctx.$\`cat made/seed | tr a-z A-Z\`).stdout } });
    },
  })
  .build();
export const failing = base("failing").setup(broken).build();
export const resting = base("resting").setup(slow).build();
`;
const BESIDE = `import { task } from "nomos-run";
export default task("beside", { description: "Does nothing", run: async () => undefined });
`;

function prepare(t: TestContext): string {
  const cwd = scratch(t);
  writeFileSync(join(cwd, "a.scenario.ts"), SCENARIO);
  writeFileSync(join(cwd, "nomos.tasks.ts"), BESIDE);
  return cwd;
}

test("tasks that a scenario needs run before its network is deployed, and are recorded", async (t) => {
  const cwd = prepare(t);
  const plan = await runProgram(t, ["plan", "a.scenario.ts"], { cwd });
  assert.match(
    plan.stdout,
    /^setup, before the network is deployed\n {2}beside {2}.*\n {2}shown {3}the scenario's own, n=3$/m,
  );
  const { code, stdout, stderr } = await runProgram(t, ["a.scenario.ts", "--profile", "fast"], { cwd });
  assert.equal(code, 0, `${stdout}${stderr}`);
  const events = readEvents(latestRun(cwd));
  const ended = events.flatMap((event) => (event.type === "task.ended" ? [`${event.task} ${event.outcome}`] : []));
  assert.deepEqual(ended, ["beside done", "seed done", "shown done"]);
  const at = (type: string) => events.findIndex((event) => event.type === type);
  assert.ok(at("task.ended") < at("chain.scheduled"));
  const note = events.find((event) => event.type === "task.note");
  assert.equal(note?.text, "seed 3");
  const said = events.find((event) => event.type === "observation");
  assert.deepEqual(said?.data, { said: "SEED\n" });
  const stages = readReport(latestRun(cwd)).stages.map(({ stage }) => stage);
  assert.deepEqual(stages.slice(0, 3), ["preflight", "tasks", "reserve"]);
});

test("in a simulation they run too, and its record is the same whether they had to or not", async (t) => {
  const cwd = prepare(t);
  const simulate = async () => {
    const { code, stdout, stderr } = await runProgram(t, ["a.scenario.ts", "--deployer", "sim", "--seed", "1"], {
      cwd,
    });
    assert.equal(code, 0, `${stdout}${stderr}`);
    return readFileSync(join(latestRun(cwd), "events.ndjson"), "utf8");
  };
  const first = await simulate();
  assert.equal(readFileSync(join(cwd, "made/seed"), "utf8"), "seed\n");
  assert.equal(await simulate(), first);
  assert.equal(readFileSync(join(cwd, "ran"), "utf8"), "ran\n");
});

test("a task that fails ends the run in an error before anything is deployed", async (t) => {
  const cwd = prepare(t);
  const { code, stdout } = await runProgram(t, ["a.scenario.ts#failing"], { cwd });
  assert.equal(code, 3);
  assert.match(stdout, /error NR-HOST-COMMAND in tasks: echo half/);
  const report = readReport(latestRun(cwd));
  assert.deepEqual([report.verdict, report.inventory.created], ["error", 0]);
  assert.ok(!existsSync(join(cwd, "made/never")));
});

test("Ctrl-C during a task ends the run in order", async (t) => {
  const cwd = prepare(t);
  const { child, finished } = startProgram(t, ["a.scenario.ts#resting"], { cwd });
  await awaitEvent(cwd, "the task", (event) => event.type === "task.started");
  child.kill("SIGINT");
  const { code, stdout } = await finished;
  assert.equal(code, 130, stdout);
  assert.equal(readReport(latestRun(cwd)).verdict, "interrupted");
  assert.ok(!existsSync(join(cwd, "made/never")));
  const { stdout: left } = await runProgram(t, ["ps"], { cwd });
  assert.ok(!left.includes("resting") && !left.includes("task:slow"), left);
});
