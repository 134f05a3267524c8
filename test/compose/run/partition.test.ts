import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import test, { type TestContext } from "node:test";
import { captureMissing } from "../../faults/capture.ts";
import { awaitEvent, latestRun, nomosRun, readEvents, readReport, scratch, start } from "../../support/program.ts";
import { undisturbed } from "../../support/undisturbed.ts";
import { docker, projectOf, thingsInEngine } from "./engine-world.ts";

/** Half of what finality takes at k = 40: 20 slots of 250 ms. */
const CUT_MS = 5_000;

/** Cuts five nodes three to two for that long and starts one of the two again meanwhile; says when on the wall's clock. */
const SCENARIO = `import { scenario } from "nomos-run";

const cut = {
  name: "cut",
  async start(ctx) {
    const names = ctx.plan.topology.nodes.map(({ name }) => name);
    const [few, many] = [names.slice(0, 2), names.slice(2)];
    const pairs = few.flatMap((a) => many.flatMap((b) => [[a, b], [b, a]]));
    const clear = { delayMs: 0, jitterMs: 0 };
    const say = (what) => ctx.events.emit("observation", { by: "cut", data: { what, wallMs: Date.now() } });
    await ctx.clock.sleep(5_000, ctx.signal);
    await ctx.cluster.control.setLinks(pairs.map(([from, to]) => ({ from, to, ...clear, loss: 1 })));
    const until = ctx.clock.now() + ${CUT_MS};
    say("cut");
    await ctx.cluster.control.restart(few[0]);
    say("restarted");
    await ctx.clock.sleep(Math.max(0, until - ctx.clock.now()));
    say("ended");
    await ctx.cluster.control.setLinks([]);
    say("healed");
  },
};

export default scenario("cut")
  .topologyWith((t) => t.networkFull().validators(5))
  .enableNodeControl()
  .withWorkload(cut)
  .expectConsensusLiveness()
  .withRunDuration("200s")
  .build();
`;

interface Frame {
  readonly wallMs: number;
  readonly etherType: string;
  /** Of IPv4. */
  readonly from?: string;
  readonly to?: string;
}

/** Everything on an interface until the test ends it. */
async function captureOn(t: TestContext, device: string): Promise<() => Promise<Frame[]>> {
  const child = spawn("python3", [join(import.meta.dirname, "bridge-capture.py"), device], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill());
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  const [first] = (await once(reader, "line")) as [string];
  assert.equal(first, "ready");
  reader.on("line", (line) => lines.push(line));
  return async () => {
    const closed = once(reader, "close");
    child.stdin.end();
    await closed;
    return lines.map((line) => {
      const [nanos = "", etherType = "", , from, to] = line.split(" ");
      return { wallMs: Number(BigInt(nanos) / 1_000n) / 1_000, etherType, ...(from && to && { from, to }) };
    });
  };
}

test(
  "between the sides of a partition not one packet passes, a restart within it included, and both become one chain again",
  {
    skip: captureMissing(),
  },
  (t) =>
    undisturbed(t, async () => {
      const cwd = scratch(t);
      const file = join(cwd, "cut.scenario.ts");
      writeFileSync(file, SCENARIO);
      const run = start(t, [file, "--deployer", "compose", "--profile", "fast", "--seed", "cut"], { cwd });
      await awaitEvent(cwd, "the drive", (event) => event.type === "stage.started" && event.stage === "drive");
      const folder = latestRun(cwd);
      const runId = folder.split("/").at(-1) ?? "";
      const peers = `${projectOf(runId)}_peers`;
      const seen = await captureOn(
        t,
        `br-${(await docker("network", "inspect", "-f", "{{.Id}}", peers)).slice(0, 12)}`,
      );
      const { Containers: ends } = JSON.parse(await docker("network", "inspect", "-f", "{{json .}}", peers)) as {
        Containers: Record<string, { Name: string; IPv4Address: string }>;
      };
      const sides = new Map(
        Object.values(ends).map(({ Name, IPv4Address }) => [
          IPv4Address.split("/")[0],
          /validator-[01]_1$/.test(Name) ? "few" : "many",
        ]),
      );
      assert.equal(sides.size, 5);

      await awaitEvent(cwd, "the heal", (event) => event.type === "observation" && event.data["what"] === "healed");
      // Some of what passes again is to be in the capture.
      await awaitEvent(cwd, "settle", (event) => event.type === "stage.started" && event.stage === "settle");
      const frames = await seen();
      const { code, stdout, stderr } = await run.finished;
      assert.equal(code, 0, stdout + stderr);
      const events = readEvents(folder);
      const times = new Map(
        events.flatMap((event) =>
          event.type === "observation" ? [[event.data["what"], Number(event.data["wallMs"])] as const] : [],
        ),
      );
      const [cut = 0, ended = 0, healed = 0] = ["cut", "ended", "healed"].map((what) => times.get(what));
      assert.ok(ended - cut >= CUT_MS, `${ended - cut} ms`);

      const isAcross = ({ from, to }: Frame) => {
        const [a, b] = [sides.get(from ?? ""), sides.get(to ?? "")];
        return a !== undefined && b !== undefined && a !== b;
      };
      const within = (from: number, to: number) => frames.filter(({ wallMs }) => wallMs >= from && wallMs < to);
      const meanwhile = within(cut, ended);
      const across = meanwhile.filter(isAcross);
      t.diagnostic(
        `${within(0, cut).filter(isAcross).length} packets across before, ${across.length} of ${meanwhile.length} meanwhile, ${within(healed, Infinity).filter(isAcross).length} after`,
      );
      assert.deepEqual(across.slice(0, 3), []);
      assert.ok(within(0, cut).some(isAcross), "packets passed before");
      assert.ok(within(healed, Number.POSITIVE_INFINITY).some(isAcross), "packets pass again");
      for (const side of ["few", "many"]) {
        const own = meanwhile.filter((frame) => sides.get(frame.from ?? "") === side && !isAcross(frame));
        assert.ok(own.length > 10, `${own.length} packets within the side of the ${side}`);
      }
      // Nothing but IPv4 and the search for addresses in it.
      assert.deepEqual(
        [...new Set(meanwhile.map(({ etherType }) => etherType))].filter((type) => type !== "0806"),
        ["0800"],
      );

      const report = readReport(folder);
      assert.equal(report.verdict, "passed");
      const views = new Map(events.flatMap((event) => (event.type === "chain.view" ? [[event.node, event]] : [])));
      const finals = [...views.values()].map(({ libHeight }) => libHeight ?? 0);
      assert.ok(Math.max(...finals) - Math.min(...finals) <= 3, finals.join(" "));
      // The runner went on seeing everybody; but for that which was started again.
      const unseen = events.filter(
        (event) => event.type === "node.reachable" && !event.reachable && event.node !== "validator-0",
      );
      assert.deepEqual(unseen, []);
      assert.equal(report.inventory.created, report.inventory.removed);
      assert.ok(report.inventory.items.some(({ kind }) => kind === "filter"));
      assert.deepEqual(await thingsInEngine(runId), []);
    }),
);

test("a partition that would outlive finality is refused by plan, with figures", async (t) => {
  const cwd = scratch(t);
  const file = join(cwd, "long.scenario.ts");
  writeFileSync(
    file,
    `import { minority, scenario } from "nomos-run";

export default scenario("long")
  .topologyWith((t) => t.networkFull().validators(5))
  .enableNodeControl()
  .chaosWith((chaos) => chaos.partition({ at: "30s", for: "60s", targets: minority() }))
  .withRunDuration("180s")
  .build();
`,
  );
  const { code, stderr } = await nomosRun(t, ["plan", file, "--deployer", "compose"], { cwd });
  assert.equal(code, 64);
  assert.match(stderr, /\d+ slots/);
  t.diagnostic(stderr);
});
