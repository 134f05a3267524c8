import assert from "node:assert/strict";
import test from "node:test";
import { createComposeDeployer } from "../../lib/deployers/compose/compose.ts";
import { createLocalDeployer } from "../../lib/deployers/local/local.ts";
import { createSimulationDeployer } from "../../lib/deployers/simulation/simulation.ts";
import { minority, scenario } from "../../lib/index.ts";
import { conditionsOf, refuseNarrowLinks } from "../../lib/model/conditions.ts";
import { combined } from "../../lib/plan/faults/links.ts";
import { RefusedPlan } from "../../lib/plan/problem.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import { registry } from "./registry.ts";

const openTransport = () => assert.fail("nothing is deployed");
const backends = [
  createLocalDeployer({ openTransport }),
  createSimulationDeployer(),
  createComposeDeployer({ env: {}, openTransport }),
];
const withBackends = { ...registry, deployers: new Map(backends.map((backend) => [backend.name, backend])) };

const narrow = () =>
  scenario("narrow")
    .topologyWith((t) => t.networkFull().validators(5))
    .enableNodeControl()
    .chaosWith((chaos) => chaos.bandwidth({ at: "20s", for: "10s", rate: "1.5mbit", targets: minority() }))
    .withRunDuration("90s")
    .build();

test("lines are narrowed where nodes are containers, and refused elsewhere before anything is started", () => {
  for (const deployer of ["local", "sim"]) {
    assert.throws(
      () => resolve(narrow(), { drawnSeed: "7", deployer }, withBackends),
      (thrown) => {
        assert.ok(thrown instanceof RefusedPlan);
        const [problem, ...others] = thrown.problems;
        assert.deepEqual(others, []);
        assert.equal(problem?.code, "NR-PLAN-CAPABILITY");
        assert.equal(
          problem.message,
          `the workload chaos needs link.bandwidth, and the backend ${deployer} can't do that`,
        );
        assert.equal(problem.hint, "Use a backend that can: compose.");
        return true;
      },
    );
  }
  const { plan } = resolve(narrow(), { drawnSeed: "7", deployer: "compose" }, withBackends);
  const [chaos] = plan.workloads;
  const faults = chaos?.options["faults"] as readonly { readonly rateKbit: number }[] | undefined;
  assert.deepEqual(
    faults?.map(({ rateKbit }) => rateKbit),
    [1_500],
  );
});

test("of two rates the lower one counts, with what other faults do to the link; nodes themselves know of none", () => {
  const link = { from: "a", to: "b", delayMs: 0, jitterMs: 0, loss: 0 };
  const slow = { ...link, delayMs: 50 };
  const together = [{ ...link, bandwidthKbit: 64, ...slow }];
  assert.deepEqual(combined([[{ ...link, bandwidthKbit: 512 }], [slow], [{ ...link, bandwidthKbit: 64 }]]), together);
  assert.deepEqual(combined([[slow], [link]]), [slow]);
  const { links } = conditionsOf("a", together, 0);
  assert.deepEqual(links, { b: { delayMs: 50, jitterMs: 0, loss: 0, blocked: false } });
  refuseNarrowLinks([slow]);
  assert.throws(() => refuseNarrowLinks(together), {
    code: "NR-NODE-STATE",
    message: /can't let a send b 64 kbit\/s only/,
  });
});
