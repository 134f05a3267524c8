import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";

const ROOT = join(import.meta.dirname, "../..");

/** Calls that a type check must refuse, each by itself on a scenario `s`. */
const TYPOS = [
  "s.topologyWith((t) => t.validator(3));",
  's.topologyWith((t) => t.validators("3"));',
  's.topologyWith((t) => t.tieBreak("larger-id"));',
  "s.topologyWith((t) => t.nodeConfigPatch(0, { f: () => 1 }));",
  "s.topologyWith(async (t) => { t.validators(3); });",
  "s.wallet(5);",
  "s.setup(5);",
  's.setup("doctor", { backend: { name: "local" } });',
  "s.withWalletConfig({ totalFunds: 5 });",
  "s.transactionsWith((txs) => txs.rates(5));",
  's.transactionsWith((txs) => txs.users("20"));',
  "s.daWith((da) => da.channels(1));",
  's.chaosWith((chaos) => chaos.restart({ minDely: "10s" }));',
  's.chaosWith((chaos) => chaos.restart({ minDelay: "ten s" }));',
  's.chaosWith((chaos) => chaos.restart().maxDelay("10sec"));',
  's.expect("livenes");',
  's.expect("liveness", { powr: 0.9 });',
  's.expect("agreement", { power: 0.9 });',
  's.withRunDuration("90");',
  's.withRunDuration("90sec");',
  "s.seed(7);",
  "s.withCapabilities({ nodeControll: true });",
  's.withWorkload({ name: "mine" });',
  's.withExpectation({ name: "own", judge: () => true });',
];

const FINE = [
  's.topologyWith((t) => t.networkStar().validators(3).executors(2).tieBreak("first-seen"));',
  "s.topologyWith((t) => { t.validators(3); });",
  "s.topologyWith((t) => t.validators(3).apply());",
  's.chaosWith((chaos) => chaos.restart({ minDelay: "10s", maxDelay: 20_000 }).targetCooldown("1.5m"));',
  "s.chaosWith((chaos) => chaos.maxUnavailable(2).restart().apply());",
  's.expect("liveness", { power: 0.9 }).expect("liveness").without("agreement").without("an-own-one");',
  's.withWorkload({ name: "mine", options: { a: [1, null] }, needs: ["node.stop"], start: async (ctx) => { await ctx.clock.sleep(5, ctx.signal); } });',
];

test("a typo in a scenario is a compile error; scenarios, also those of the docs, are none", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "nomos-run-types-"));
  t.after(() => rm(folder, { recursive: true }));
  const header = 'import { scenario } from "nomos-run"; const s = scenario("typed");';
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(join(folder, "typos.ts"), [header, ...TYPOS].join("\n"));
  await writeFile(join(folder, "fine.ts"), [header, ...FINE].join("\n"));
  const page = await readFile(join(ROOT, "docs/scenarios.md"), "utf8");
  const examples = [...page.matchAll(/```ts\n(import .*?)```/gs)].map((match) => match[1] as string);
  assert.equal(examples.length, 2);
  for (const [i, example] of examples.entries()) await writeFile(join(folder, `docs${i}.ts`), example);
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      extends: join(ROOT, "tsconfig.json"),
      compilerOptions: {
        paths: { "nomos-run": [join(ROOT, "lib/index.ts")] },
        typeRoots: [join(ROOT, "node_modules/@types")],
      },
      include: ["*.ts"],
    }),
  );
  const output = await new Promise<string>((resolve) => {
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    execFile(tsc, ["--project", folder, "--pretty", "false"], { cwd: folder }, (_failure, stdout) => resolve(stdout));
  });
  const lines = (file: string) =>
    [...output.matchAll(new RegExp(`^${file}\\.ts\\((\\d+),`, "gm"))].map((match) => Number(match[1]));
  assert.deepEqual(
    TYPOS.filter((_, i) => !lines("typos").includes(i + 2)),
    [],
    "calls that the type check let pass",
  );
  assert.doesNotMatch(output, /^(fine|docs\d)\.ts/m);
});
