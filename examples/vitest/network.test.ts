import { deploy, scenario } from "nomos-run";
import { describe, expect, test } from "vitest";

const plan = scenario("payments")
  .topologyWith((t) => t.networkStar().validators(3))
  .wallets(4)
  .build();

describe("payments", () => {
  test("reach the chain while a node is away, and the node learns of them", async () => {
    await using cluster = await deploy(plan, { profile: "fast" });
    const [alice, bob] = cluster.wallets;
    if (!alice || !bob) throw new Error("the plan has wallets");

    await cluster.control.stop("validator-2");
    const { tx } = await cluster.transfer({ from: alice, to: bob, value: 5n });
    await cluster.waitForTransaction(tx, { within: "30s" });

    await cluster.control.start("validator-2");
    const { height } = cluster.feed.head();
    await cluster.waitForHeight(height + 2, { within: "30s", nodes: ["validator-2"] });
    const back = cluster.node("validator-2");
    // A stopped node has no client: the type says so, and asks for this line.
    if (back.state !== "running") throw new Error(`validator-2 is ${back.state}`);
    const [status] = await back.client.txStatus([tx]);
    expect(status).toBeDefined();
    expect(cluster.balance(bob)).toBe(bob.value + 5n);

    const report = await cluster.close();
    expect(report.inventory.removed).toBe(report.inventory.created);
  });
});
