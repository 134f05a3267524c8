import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { waitFor } from "../../../lib/core/wait.ts";
import { systemClock } from "../../../lib/host/system-clock.ts";
import { type Finished, latestRun, nomosRun, readReport, scratch } from "../../support/program.ts";
import { docker, nothingLeft, thingsInEngine } from "./engine-world.ts";

const NETWORK = `import { scenario } from "nomos-run";

export default scenario("kept")
  .topologyWith((t) => t.networkFull().validators(2))
  .wallets(20)
  .transactionsWith((txs) => txs.rate(1).users(20))
  .withRunDuration("120s")
  .build();
`;

interface PsEntry {
  readonly run: string;
  readonly state: string;
  readonly guardian: number | null;
  readonly containers: readonly { readonly name: string; readonly paused: boolean }[];
}

/** A network that is left up, and what to ask of it. */
async function upNetwork(t: TestContext) {
  let remove = async () => {};
  // Before its folder goes.
  t.after(() => remove());
  const cwd = scratch(t);
  const file = join(cwd, "kept.scenario.ts");
  writeFileSync(file, NETWORK);
  const ask = (...args: string[]): Promise<Finished> => nomosRun(t, args, { cwd });
  const up = await ask("up", file, "--deployer", "compose", "--profile", "fast");
  assert.equal(up.code, 0, up.stdout + up.stderr);
  const folder = latestRun(cwd);
  const runId = folder.split("/").at(-1) ?? "";
  remove = async () => void (await ask("down", runId));
  const listed = async () => {
    const { stdout } = await ask("ps", "--json");
    return (JSON.parse(stdout) as PsEntry[]).find(({ run }) => run === runId) ?? assert.fail(stdout);
  };
  return { up, ask, file, folder, runId, listed };
}

test("a network that is left up in containers answers, is listed and attached to, goes on with its logs, and goes down", async (t) => {
  const { up, ask, file, folder, runId, listed } = await upNetwork(t);
  const urls = [...up.stdout.matchAll(/http:\/\/127\.0\.0\.1:\d+/g)].map(([url]) => url);
  const info = (await (await fetch(`${urls[0]}/cryptarchia/info`)).json()) as { readonly mode: string };
  assert.equal(info.mode, "Online");

  const first = await listed();
  assert.equal(first.state, "kept");
  assert.deepEqual(first.containers.map(({ name }) => name).toSorted(), ["validator-0", "validator-1"]);

  const attached = await ask(
    "attach",
    file,
    "--run",
    runId,
    "--allow-writes",
    "--duration",
    "5s",
    "--reporter",
    "plain",
  );
  // Of a busy machine 5 s may be too few to tell.
  assert.ok(attached.code === 0 || attached.code === 2, attached.stdout + attached.stderr);
  assert.match(attached.stdout, /agreement passed/);

  // Nobody of the run that started them is there any more, and what they say is on record all the same.
  const log = join(folder, "logs/validator-0.log");
  const before = readFileSync(log, "utf8").length;
  await waitFor({
    clock: systemClock,
    what: "the log to go on",
    timeoutMs: 20_000,
    intervalMs: 100,
    look: () => {
      const now = readFileSync(log, "utf8").length;
      return now > before ? { done: true, value: undefined } : { done: false, seen: `${now} characters` };
    },
  });
  const logs = await ask("logs", runId, "validator-1");
  assert.match(logs.stdout, /imported block/);

  const [container = ""] = (await docker("ps", "-q", "--filter", `label=nomos-run.run=${runId}`)).split("\n");
  await docker("pause", container);
  assert.equal((await listed()).containers.filter(({ paused }) => paused).length, 1);

  const down = await ask("down", runId);
  assert.equal(down.code, 0, down.stdout + down.stderr);
  await nothingLeft(runId, 1_000);
  const { inventory, takenDownAt } = readReport(folder);
  assert.equal(inventory.created, inventory.removed);
  assert.notEqual(takenDownAt, undefined);
  const again = await ask("down", runId);
  assert.equal(again.code, 0, again.stdout + again.stderr);
});

test("a network in containers whose guardian was killed goes down all the same", async (t) => {
  const { ask, folder, runId, listed } = await upNetwork(t);
  const { guardian } = await listed();
  process.kill(guardian ?? assert.fail(), "SIGKILL");
  assert.equal((await thingsInEngine(runId)).length, 4);
  const down = await ask("down", runId);
  assert.equal(down.code, 0, down.stdout + down.stderr);
  await nothingLeft(runId, 1_000);
  const { inventory } = readReport(folder);
  assert.equal(inventory.created, inventory.removed);
});
