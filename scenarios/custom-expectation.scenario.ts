import { scenario } from "nomos-run";

/** An expectation of its own: blocks must not grow too large. It judges recorded events, so `recheck` can judge again. */
export default scenario("custom-expectation")
  .topologyWith((t) => t.networkStar().validators(3))
  .wallets(40)
  .transactionsWith((txs) => txs.rate(4)) // per block
  .withExpectation({
    name: "block-size",
    options: { most: 40 }, // in the plan, where --set reaches it
    judge({ plan, events }) {
      const most = Number(plan.expectations.find(({ name }) => name === "block-size")?.options["most"]);
      const blocks = events.filter((event) => event.type === "block.seen");
      const large = blocks.filter(({ txs }) => txs.length > most);
      const largest = Math.max(0, ...blocks.map(({ txs }) => txs.length));
      return {
        outcome: blocks.length === 0 ? "inconclusive" : large.length > 0 ? "failed" : "passed",
        summary: `the largest of ${blocks.length} blocks holds ${largest} transactions, at most ${most} allowed`,
        figures: { blocks: blocks.length, largest },
        limits: { most },
        findings: large
          .slice(0, 20)
          .map(({ block, height, txs }) => `block ${block} at height ${height}: ${txs.length}`),
      };
    },
  })
  .sometimes("busy", ({ events }) => events.some((event) => event.type === "block.seen" && event.txs.length > 1))
  .withRunDuration("60s")
  .build();
