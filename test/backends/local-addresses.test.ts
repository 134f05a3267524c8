import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import test from "node:test";
import { CodedError } from "../../lib/core/errors.ts";
import { loopbackCandidates, MOST_NODES_IN_BLOCK, portCandidates } from "../../lib/deployers/local/addresses.ts";
import { createLocalDeployer } from "../../lib/deployers/local/local.ts";
import { reserveAddresses } from "../../lib/deployers/local/reserve.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { RefusedPlan } from "../../lib/plan/problem.ts";
import { resolve } from "../../lib/plan/resolve.ts";
import { registryOf } from "../simulation/simulate.ts";

const names = (count: number) => Array.from({ length: count }, (_, i) => `validator-${i}`);
const never = new AbortController().signal;

async function listen(port: number, host?: string) {
  const server = createServer().listen({ port, ...(host === undefined ? {} : { host }) });
  await once(server, "listening");
  return {
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}

for (const [what, candidates] of [
  ["loopback addresses", loopbackCandidates],
  ["ports", portCandidates],
] as const) {
  test(`${what}: equal for equal run ids, distinct within a run, below the ephemeral range`, () => {
    const [first] = candidates("run-a", names(120));
    const [again] = candidates("run-a", names(120));
    assert.deepEqual(first, again);
    assert.ok(first);
    const sockets = first.nodes.flatMap(({ host, apiPort, testingPort, peerPort }) =>
      [apiPort, testingPort, peerPort].map((port) => `${host}:${port}`),
    );
    const locks = first.locks.map(({ host, port }) => `${host}:${port}`);
    assert.equal(new Set([...sockets, ...locks]).size, 3 * 120 + first.locks.length);
    for (const socket of [...sockets, ...locks]) assert.ok(Number(socket.split(":")[1]) < 32_768, socket);
  });

  test(`${what}: twenty runs with one id hold twenty sets that have nothing in common`, async () => {
    const held = await Promise.all(
      Array.from({ length: 20 }, () => reserveAddresses(candidates("same", names(5)), never)),
    );
    const taken = held.flatMap(({ nodes }) => nodes.map(({ host, apiPort }) => `${host}:${apiPort}`));
    assert.equal(new Set(taken).size, 100);
    await Promise.all(held.map((reservation) => reservation.release()));
  });
}

test("a released set is free at once", async () => {
  const first = await reserveAddresses(loopbackCandidates("again", names(3)), never);
  await first.release();
  const second = await reserveAddresses(loopbackCandidates("again", names(3)), never);
  assert.deepEqual(second.nodes, first.nodes);
  await second.release();
});

test("no free set is an error that names who has the last", async () => {
  const [only] = loopbackCandidates("crowded", names(1));
  assert.ok(only);
  const { host, testingPort } = only.nodes[0] ?? assert.fail();
  await using _thief = await listen(testingPort, host);
  await assert.rejects(reserveAddresses([only], never), (error) => {
    assert.ok(error instanceof CodedError);
    assert.equal(error.code, "NR-LOCAL-ADDRESSES");
    const holder = `${host}:${testingPort}, held by pid ${process.pid} \\(.+\\)`;
    assert.match(error.message, new RegExp(`^all of 1 sets of addresses are taken; the last was ${holder}$`));
    return true;
  });
});

test("more nodes than there are addresses are refused", () => {
  assert.equal([...loopbackCandidates("large", names(MOST_NODES_IN_BLOCK))][0]?.nodes.length, 4_093);
  for (const [candidates, most] of [
    [loopbackCandidates, 4_093],
    [portCandidates, 4_158],
  ] as const) {
    assert.throws(
      () => [...candidates("large", names(4_200))],
      (error) => error instanceof CodedError && error.code === "NR-LOCAL-NODES" && error.message.includes(String(most)),
    );
  }
});

test("fifty nodes' addresses are found in a moment", async () => {
  const began = performance.now();
  const reservation = await reserveAddresses(loopbackCandidates("fifty", names(50)), never);
  const took = performance.now() - began;
  await reservation.release();
  assert.ok(took < 500, `${took} ms`);
});

test("a network that has no room is refused when it is planned, with the figures", () => {
  const local = createLocalDeployer({ openTransport: () => assert.fail("nothing is started") });
  const planned = (validators: number) =>
    resolve(
      scenario("large")
        .topologyWith((t) => t.networkStar().validators(validators))
        .build(),
      { drawnSeed: "large" },
      registryOf([local]),
    );
  assert.equal(local.mostNodes, 4_093);
  assert.equal(planned(4_093).plan.topology.nodes.length, 4_093);
  assert.throws(
    () => planned(5_000),
    (thrown) => {
      assert.ok(thrown instanceof RefusedPlan);
      const [problem] = thrown.problems;
      assert.equal(problem?.code, "NR-PLAN-TOO-MANY-NODES");
      assert.equal(
        `${problem.message} | ${problem.hint}`,
        "the network has 5000 nodes, and the backend local has addresses for 4093 on this machine | Leave out 907 of them, or use --deployer sim.",
      );
      return true;
    },
  );
});
