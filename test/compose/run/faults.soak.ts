/** Everything that can be done to a node in a container, at awkward moments: `node --test test/compose/run/faults.soak.ts`. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { latestRun, nomosRun, readEvents, readReport, scratch } from "../../support/program.ts";
import { nothingLeft } from "./engine-world.ts";

const SCENARIO = `import { scenario } from "nomos-run";

const faults = {
  name: "faults",
  async start(ctx) {
    const { control } = ctx.cluster;
    const names = ctx.plan.topology.nodes.map(({ name }) => name);
    const say = (what, data = {}) => ctx.events.emit("observation", { by: "faults", data: { what, ...data } });
    const [few, many] = [names.slice(0, 2), names.slice(2)];
    const pairs = few.flatMap((a) => many.flatMap((b) => [[a, b], [b, a]]));
    const cut = () => control.setLinks(pairs.map(([from, to]) => ({ from, to, delayMs: 0, jitterMs: 0, loss: 1 })));
    const heal = () => control.setLinks([]);

    say("all at once");
    await Promise.all(names.map((name) => control.restart(name)));
    await ctx.clock.sleep(4_000, ctx.signal);
    say("killed while paused");
    await control.pause(names[1]);
    await control.kill(names[1]);
    await control.start(names[1]);
    say("stopped while paused");
    await control.pause(names[2]);
    await control.stop(names[2]);
    await control.start(names[2]);
    say("wiped within a partition");
    await cut();
    await control.stop(names[0]);
    await control.wipe(names[0]);
    await control.start(names[0]);
    say("filtered", { peers: (await ctx.cluster.filtered(names[0])).map(({ peer, way }) => way + " " + peer) });
    say("healed while paused");
    await control.pause(names[3]);
    await heal();
    await control.resume(names[3]);
    say("healed while stopped");
    await cut();
    await control.stop(names[4]);
    await heal();
    await control.start(names[4]);
    say("restarted while links change");
    await Promise.all([control.restart(names[1]), control.restart(names[3]), cut()]);
    await Promise.all([heal(), control.restart(names[2]), control.restart(names[0])]);
    for (const name of names) say("clear", { peers: await ctx.cluster.filtered(name) });
    say("done");
  },
};

export default scenario("faults")
  .topologyWith((t) => t.networkFull().validators(5))
  .enableNodeControl()
  .withWorkload(faults)
  .expectConsensusLiveness()
  .withRunDuration("600s")
  .build();
`;

test("nodes in containers survive faults at awkward moments, and no rule outlives them", async (t) => {
  const cwd = scratch(t);
  const file = join(cwd, "faults.scenario.ts");
  writeFileSync(file, SCENARIO);
  const args = [file, "--deployer", "compose", "--profile", "fast", "--seed", "faults", "--reporter", "plain"];
  const { code, stdout, stderr } = await nomosRun(t, args, { cwd });
  assert.equal(code, 0, stdout + stderr);
  const folder = latestRun(cwd);
  const said = readEvents(folder).flatMap((event) => (event.type === "observation" ? [event.data] : []));
  assert.equal(said.at(-1)?.["what"], "done");
  // Put back after the start of the new container.
  assert.deepEqual(said.find(({ what }) => what === "filtered")?.["peers"], [
    ...[2, 3, 4].map((n) => `in validator-${n}`),
    ...[2, 3, 4].map((n) => `out validator-${n}`),
  ]);
  for (const { peers } of said.filter(({ what }) => what === "clear")) assert.deepEqual(peers, []);
  const { inventory, runId } = readReport(folder);
  assert.equal(inventory.created, inventory.removed);
  await nothingLeft(runId, 1_000);
});
