import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { Ajv } from "ajv";
import { EXECUTABLE, latestRun, nomosRun, readEvents, readReport, scratch } from "../support/program.ts";
import { seal, writeLines } from "./recorded.ts";

const SCENARIO = `import { scenario } from "nomos-run";
export default scenario("recorded")
  .topologyWith((t) => t.networkStar().validators(2))
  .wallets(20)
  .transactionsWith((txs) => txs.rate(1).users(10))
  .expectConsensusLiveness()
  .withExpectation({
    name: "own",
    options: { most: 100000 },
    judge({ plan, events }) {
      const most = plan.expectations.find(({ name }) => name === "own").options.most;
      const outcome = events.length <= most ? "passed" : "failed";
      return { outcome, summary: "counted events", figures: { events: events.length }, limits: { most }, findings: [] };
    },
  })
  .withRunDuration("90s")
  .build();
`;

describe("recheck", { concurrency: 2 }, () => {
  let original = "";
  const undo: (() => unknown)[] = [];
  before(async () => {
    const context = { after: (step: () => unknown) => undo.push(step) } as unknown as TestContext;
    original = scratch(context);
    writeFileSync(join(original, "r.scenario.ts"), SCENARIO);
    const { code, stdout } = await nomosRun(context, ["r.scenario.ts", "--profile", "fast", "--seed", "r"], {
      cwd: original,
    });
    assert.equal(code, 0, stdout);
  });
  after(() => Promise.all(undo.map((step) => step())));

  /** A copy of the run's folder that the test may damage. */
  function copy(t: TestContext): string {
    const folder = join(scratch(t), "run");
    cpSync(latestRun(original), folder, { recursive: true });
    return folder;
  }

  const recheck = (t: TestContext, folder: string, ...args: string[]) =>
    nomosRun(t, ["recheck", folder, ...args], { cwd: original });

  it("judges as the run did, and changes nothing in its folder", async (t) => {
    const folder = copy(t);
    const { code, stdout, stderr } = await recheck(t, folder, "--json");
    assert.deepEqual([code, stderr], [0, ""]);
    const report = readReport(folder);
    const judged = JSON.parse(stdout);
    assert.deepEqual(judged.expectations, report.expectations);
    assert.deepEqual([judged.verdict, judged.changed], ["passed", []]);
    assert.deepEqual(readFileSync(join(folder, "run.json")), readFileSync(join(latestRun(original), "run.json")));
  });

  it("leaves documents that keep the published schemas", () => {
    const folder = latestRun(original);
    const ajv = new Ajv({ strict: true, allowUnionTypes: true });
    const schemaOf = (name: string) =>
      ajv.compile(
        JSON.parse(readFileSync(new URL(`../../assets/schemas/${name}.schema.json`, import.meta.url), "utf8")),
      );
    const keeps = (name: string, document: unknown) => {
      const schema = schemaOf(name);
      assert.ok(schema(document), `${name}: ${ajv.errorsText(schema.errors)}`);
    };
    for (const name of ["run", "plan.lock", "binding"]) {
      keeps(name, JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")));
    }
    const line = schemaOf("event");
    for (const event of readEvents(folder)) {
      assert.ok(line(event), `${JSON.stringify(event)}: ${ajv.errorsText(line.errors)}`);
      const { type: _, ...untyped } = event;
      assert.ok(!line(untyped), "an event without a type");
    }
  });

  it("judges by the folder alone: without network, elsewhere, and by the recorded scenario where one is needed", (t) => {
    const folder = copy(t);
    const isolated = spawnSync("unshare", ["--net", EXECUTABLE, "recheck", folder], { cwd: "/", encoding: "utf8" });
    if (/Operation not permitted/.test(isolated.stderr)) return t.skip("needs the right to make a network namespace");
    assert.equal(isolated.status, 0, isolated.stderr);
    assert.match(isolated.stdout, /the verdict is as recorded: passed\n$/);
  });

  it("judges a folder that nobody may write to, with a home that nobody may write to", (t) => {
    const folder = copy(t);
    const readOnly =
      'for each in "$1" "$HOME"; do mount --bind "$each" "$each"; mount -o remount,ro,bind "$each"; done';
    const { status, stdout, stderr } = spawnSync(
      "unshare",
      [
        "--mount",
        "sh",
        "-euc",
        `${readOnly}; ! touch "$1/x" 2>/dev/null; exec "$2" recheck "$1"`,
        "sh",
        folder,
        EXECUTABLE,
      ],
      { cwd: "/", encoding: "utf8", env: { PATH: process.env.PATH ?? "", HOME: scratch(t) } },
    );
    if (/Operation not permitted|permission denied/i.test(stderr)) return t.skip("needs the right to mount");
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(stdout, /the verdict is as recorded: passed\n$/);
  });

  it("fails by a limit that the run doesn't keep, and says what changed", async (t) => {
    const { code, stdout } = await recheck(t, copy(t), "--set", "expectations.own.most=10");
    assert.equal(code, 1);
    assert.match(stdout, /^FAILED {2}recorded, run .* judged again\n {2}own: counted events/);
    assert.match(stdout, /the verdict was passed, and is failed now\n {4}- own: was passed, failed now\n/);
    assert.match(stdout, /- own: limit most was 100000, 10 now/);
  });

  it("is inconclusive where the evidence can't show what is asked", async (t) => {
    const set = "expectations.liveness.options.power=0.9999999999999999";
    const { code, stdout } = await recheck(t, copy(t), "--set", set);
    assert.equal(code, 2, stdout);
    assert.match(stdout, /- liveness: was passed, inconclusive now/);
  });

  it("takes the stream as it is only when nothing is missing from it", async (t) => {
    const folder = copy(t);
    const path = join(folder, "events.ndjson");
    const whole = readFileSync(path, "utf8");
    writeFileSync(path, whole.slice(0, whole.length / 2));
    const cut = await recheck(t, folder);
    assert.equal(cut.code, 3);
    assert.match(
      cut.stderr,
      /^error NR-EVIDENCE-CUT: the event stream is cut off: line \d+ is unfinished\n {2}at .*events\.ndjson/,
    );

    // Sealed anew by somebody who knows how: run.json still has the seal of the run.
    const lines = whole.trimEnd().split("\n").slice(0, -1);
    const altered = lines.map((line) => line.replace('"height":3,', '"height":4,'));
    writeLines(path, [...altered, seal(altered).replace('"t":9000', `"t":${JSON.parse(lines.at(-1) ?? "").t}`)]);
    const forged = await recheck(t, folder);
    assert.equal(forged.code, 3);
    assert.match(
      forged.stderr,
      /^error NR-EVIDENCE-ALTERED: the SHA-256 is \w+ in the event stream, and \w+ in run\.json/,
    );
  });

  it("refuses documents that are not of the run", async (t) => {
    const folder = copy(t);
    const report = readReport(folder);
    writeFileSync(join(folder, "run.json"), JSON.stringify({ ...report, verdict: "failed" }));
    const verdict = await recheck(t, folder);
    assert.deepEqual(
      [verdict.code, verdict.stderr.split("\n")[0]],
      [3, "error NR-EVIDENCE-ALTERED: the verdict is passed in the event stream, and failed in run.json"],
    );

    writeFileSync(join(folder, "run.json"), JSON.stringify({ ...report, kept: "no" }));
    assert.match((await recheck(t, folder)).stderr, /^error NR-EVIDENCE-ALTERED: kept is "no", not boolean\n/);

    rmSync(join(folder, "run.json"));
    const none = await recheck(t, folder);
    assert.equal(none.code, 3);
    assert.match(none.stderr, /^error NR-EVIDENCE-CUT: there is no such file: the run did not come to its end/);

    const lock = JSON.parse(readFileSync(join(folder, "plan.lock.json"), "utf8"));
    lock.plan.wallets.count = 21;
    writeFileSync(join(folder, "plan.lock.json"), JSON.stringify(lock));
    assert.match((await recheck(t, folder)).stderr, /^error NR-PLAN-LOCK-ALTERED: /);
  });

  it("loads the run's own expectations only from the file that it was made of", async (t) => {
    const folder = copy(t);
    const elsewhere = join(scratch(t), "moved.scenario.ts");
    writeFileSync(elsewhere, SCENARIO);
    const moved = await recheck(t, folder, "--scenario", elsewhere);
    assert.equal(moved.code, 64);
    assert.match(
      moved.stderr,
      /^error NR-EVIDENCE-SCENARIO: the expectation own is the scenario's own, and .* has changed/,
    );

    const same = join(scratch(t), "r.scenario.ts");
    writeFileSync(same, SCENARIO);
    assert.equal((await recheck(t, folder, "--scenario", same)).code, 0);

    writeFileSync(same, `${SCENARIO}// and a remark\n`);
    assert.equal((await recheck(t, folder, "--scenario", same)).code, 64);

    const gone = await recheck(t, folder, "--scenario", "gone.scenario.ts");
    assert.match(gone.stderr, /own is the scenario's own, and there is no file gone\.scenario\.ts\n/);
  });

  const REFUSALS: readonly (readonly [set: string, says: string])[] = [
    [
      "wallets.count=5",
      `  --set wallets.count=5  NR-PLAN-SET-PATH
    "wallets.count" can't be set: the run has happened
    A recorded run can be judged by other limits: expectations.<name>.<option>.`,
    ],
    [
      "expectations.livenes.power=0.5",
      `  --set expectations.livenes.power=0.5  NR-PLAN-SET-PATH
    "expectations.livenes.options.power" is no field of this plan
    Did you mean expectations.liveness.options.power? plan --json shows all fields.`,
    ],
    [
      "expectations.liveness.power=2",
      `  --set expectations.liveness.power=2  NR-PLAN-VALUE
    power is 2
    power must be below 1.`,
    ],
    [
      "expectations.liveness.kind=agreement",
      `  --set expectations.liveness.kind=agreement  NR-PLAN-SET-PATH
    "expectations.liveness.options.kind" is no field of this plan
    Did you mean expectations.liveness.options.power? plan --json shows all fields.`,
    ],
  ];
  for (const [set, says] of REFUSALS) {
    it(`refuses --set ${set}`, async (t) => {
      const { code, stderr, stdout } = await recheck(t, latestRun(original), "--set", set);
      assert.equal(stderr, `error NR-PLAN-REFUSED: the recheck was refused: 1 problem\n${says}\n`);
      assert.deepEqual([code, stdout], [64, ""]);
    });
  }
});
