import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { scenario } from "../../lib/index.ts";
import { RefusedPlan } from "../../lib/plan/problem.ts";
import { refusedForAll, resolve } from "../../lib/plan/resolve.ts";
import chaos from "../../scenarios/chaos.scenario.ts";
import { registry } from "./registry.ts";

/** Runs `work`; only a refusal with a place, a message and a hint for each problem may come out of it. */
function resolvesOrRefuses(work: () => unknown): void {
  try {
    work();
  } catch (thrown) {
    if (!(thrown instanceof RefusedPlan)) throw thrown;
    for (const { at, message, hint } of refusedForAll(thrown, { drawnSeed: "7" }, registry).problems) {
      if (!at || !message || !hint || /undefined of|\[object/.test(message)) throw thrown;
    }
  }
}

const odd = fc.constantFrom<unknown>(
  -3,
  0,
  3,
  100,
  NaN,
  Infinity,
  0.5,
  1e9,
  "5",
  "10s",
  "-1s",
  "",
  null,
  undefined,
  true,
  [],
  {},
  () => 1,
  Symbol("s"),
  5n,
);
/** Mostly arguments that are in order, and an odd one here and there. */
const argument = fc.oneof({ weight: 12, arbitrary: fc.constant("in order") }, { weight: 1, arbitrary: odd });

test("whatever builder calls are given, they are accepted or refused", () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.infiniteStream(argument), (odds) => {
      const or = <T>(inOrder: T): T => {
        const { value } = odds.next();
        return value === "in order" ? inOrder : (value as T);
      };
      resolvesOrRefuses(() => {
        const written = scenario("odd")
          .topologyWith((t) => t.validators(3).executors(or(2)).stake(or(0), or(900)).slotDuration(or("2s")))
          .mapTopology((t) =>
            t
              .securityParam(or(10))
              .activeSlotCoeff(or(0.9))
              .nodeConfigPatch(or(1), or({ a: 1 })),
          )
          .wallets(or(5))
          .initializeWallet(or(500), or(50))
          .withWalletConfig(or({ totalFunds: 600, users: 60 }))
          .transactionsWith((txs) => txs.rate(or(5)).users(or(20)))
          .daWith((da) =>
            da.channelRate(or(1)).blobRate(or(2)).blobSize(or(248)).pipeline(or(4)).headroomPercent(or(20)),
          )
          .withCapabilities(or({ grafanaUrl: "http://127.0.0.1:3000" }))
          .enableNodeControl()
          .chaosWith((c) =>
            c
              .maxUnavailable(or(1))
              .restart(or({ minDelay: "5s" }))
              .maxDelay(or("20s"))
              .includeExecutors(or(true)),
          )
          .expect(or("liveness"), or({ power: 0.9 }))
          .without(or("agreement"))
          .withGrafanaUrl(or("http://127.0.0.1:3000"))
          .seed(or("7"))
          .withWorkload(or({ name: "noise", start: async () => {} }))
          .withExpectation(or({ name: "quiet", judge: () => ({}) as never }))
          .withRunDuration(or("90s"))
          .build();
        resolve(written, { drawnSeed: "7" }, registry);
        accepted += 1;
      });
    }),
    { numRuns: 400, seed: 7 },
  );
  assert.ok(accepted > 0, "nothing was accepted");
});

test("whatever --set is given, it is taken or refused", () => {
  const paths = [
    "v",
    "durationMs",
    "consensus.slotMs",
    "consensus.f",
    "consensus.k",
    "consensus.tieBreak",
    "topology.layout",
    "topology.nodes.0.stake",
    "topology.nodes",
    "wallets.count",
    "wallets.totalFunds",
    "workloads.0.options.rate",
    "workloads.0.options.users",
    "workloads.data-availability.options.pipeline",
    "workloads.data-availability.options.headroomPercent",
    "workloads.2.options.restart",
    "workloads.2.options.restart.maxDelayMs",
    "expectations.liveness.options.falseAlarm",
    "expectations.agreement.options",
    "__proto__.x",
    "constructor",
    "",
    ".",
  ];
  const values = [
    "0",
    "-1",
    "1",
    "0.5",
    "7",
    "1e308",
    "NaN",
    "",
    " ",
    "null",
    "true",
    "[]",
    "{}",
    '{"a":1}',
    "10s",
    "first-seen",
    "full",
    "x",
  ];
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...paths), fc.oneof(fc.constantFrom(...values), fc.string())), {
        maxLength: 4,
      }),
      (pairs) => {
        const sets = pairs.map(([path, value]) => ({ path, value, at: `--set ${path}=${value}` }));
        resolvesOrRefuses(() => resolve(chaos, { drawnSeed: "7", sets }, registry));
      },
    ),
    { numRuns: 500, seed: 7 },
  );
});
