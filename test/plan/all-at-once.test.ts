import assert from "node:assert/strict";
import test from "node:test";
import { readEnvironment } from "../../lib/plan/environment.ts";
import { allRefused, RefusedPlan } from "../../lib/plan/problem.ts";
import { refusedForAll, resolve } from "../../lib/plan/resolve.ts";
import type { Settings } from "../../lib/plan/settings.ts";
import { registry } from "./registry.ts";
import { problemsOf, scenarioFolder } from "./scenario-files.ts";

/** A scenario that `build()` refuses, and that would have been refused after its correction as well. */
interface Case {
  readonly what: string;
  readonly calls: readonly string[];
  readonly settings?: Partial<Settings>;
  /** `place CODE` of each problem, the first of them by `build()`. */
  readonly problems: readonly string[];
}

const NODES = ".topologyWith((t) => t.validators(3).executors(1))";
const SET = { path: "walets.count", value: "4", at: "--set walets.count=4" };

const cases: readonly Case[] = [
  {
    what: "a rate of nothing, no node control, and what only flags and backend show",
    calls: [
      NODES,
      ".wallets(10)",
      ".transactionsWith((txs) => txs.rate(0))",
      ".daWith((da) => da.channelRate(1).blobRate(80))",
      ".chaosWith((chaos) => chaos.restart())",
      ".expectFairShare()",
      ".withRunDuration('1s')",
    ],
    settings: { deployer: "lokal", sets: [SET] },
    problems: [
      ":5 NR-PLAN-VALUE",
      ":7 NR-PLAN-NODE-CONTROL",
      "--deployer NR-PLAN-UNKNOWN",
      "--set walets.count=4 NR-PLAN-SET-PATH",
      ":9 NR-PLAN-RUN-SHORT",
      ":6 NR-PLAN-BLOB-RATE",
    ],
  },
  {
    what: "a name that is none, and a limit that this plan can't keep",
    calls: [
      NODES,
      ".withWorkload({ name: 'no name', start: async () => {} })",
      ".enableNodeControl()",
      ".withRunDuration('60s')",
    ],
    settings: { deployer: "rigid" },
    problems: [":4 NR-PLAN-NAME", ":5 NR-PLAN-CAPABILITY"],
  },
  {
    what: "a percentage of blobs beside transactions that nobody's objection is hidden by",
    calls: [
      NODES,
      ".wallets(60)",
      ".transactionsWith((txs) => txs.ratePerSecond(1000))",
      ".expect('data-availability', { minReadPercent: 101 })",
      ".seed('')",
    ],
    problems: [":6 NR-PLAN-VALUE", ":7 NR-PLAN-VALUE", ":6 NR-PLAN-EXPECTATION", ":5 NR-PLAN-TX-RATE"],
  },
  {
    what: "nothing is concluded from counts that were refused",
    calls: [
      ".topologyWith((t) => t.validators(-1))",
      ".wallets(10)",
      ".transactionsWith((txs) => txs.rate(1))",
      ".daWith((da) => da.blobRate(1))",
      ".enableNodeControl()",
      ".chaosWith((chaos) => chaos.restart())",
      ".expectConvergence({ within: '1s' })",
      ".withRunDuration('90s')",
    ],
    problems: [":3 NR-PLAN-COUNT", ":6 NR-PLAN-NO-EXECUTOR"],
  },
  {
    what: "an environment's slot that makes the run too short, beside a wallet too few",
    calls: [NODES, ".wallets(0)", ".transactionsWith((txs) => txs.rate(1))", ".withRunDuration('10s')"],
    settings: { environment: readEnvironment({ CONSENSUS_SLOT_TIME: "8" }) },
    problems: [":4 NR-PLAN-COUNT", ":6 NR-PLAN-RUN-SHORT"],
  },
];

test("what the builder and what the place of the run refuse is said at once", async (t) => {
  const write = await scenarioFolder(t);
  for (const { what, calls, settings, problems } of cases) {
    await t.test(what, async () => {
      const file = await write(calls);
      const all = { drawnSeed: "drawn", ...settings };
      const found = await problemsOf(file.path, async () => {
        try {
          resolve(await file.load(), all, registry);
        } catch (thrown) {
          throw thrown instanceof RefusedPlan ? refusedForAll(thrown, all, registry) : thrown;
        }
      });
      assert.deepEqual(
        found.map((problem) => problem.split(" NR-")[0] + " NR-" + /NR-([A-Z-]+)/.exec(problem)?.[1]),
        problems,
        found.join("\n"),
      );
    });
  }
});

test("an unknown backend hides no other problem of a plan that is built", async (t) => {
  const file = await (await scenarioFolder(t))([NODES, ".withRunDuration('1s')"]);
  const written = await file.load();
  const settings = { drawnSeed: "drawn", deployer: "lokal", sets: [SET] };
  assert.deepEqual(
    (await problemsOf(file.path, () => resolve(written, settings, registry))).map((each) => each.slice(0, 12)),
    ["--deployer N", "--set walets", ":4 NR-PLAN-R"],
  );
});

test("the problems of several plans are told together, each once", () => {
  const problem = { code: "NR-PLAN-VALUE", message: "a is 1", hint: "Use 2." } as const;
  const other = { ...problem, message: "b is 1" };
  const refused = allRefused([
    new RefusedPlan('the plan "a"', [problem]),
    new RefusedPlan('the plan "b"', [problem, other]),
  ]);
  assert.match(refused.message, /^each of 2 plans was refused: 2 problems\n/);
  assert.equal(allRefused([new RefusedPlan("x", [problem]), new RefusedPlan("x", [other])]).what, "x");
});
