import { scenario } from "nomos-run";

/**
 * How many transactions per block does the network sustain, with 90 % of them included within ten seconds? The answer is
 * an interval, and none below 5 passes.
 */
export default scenario("find-limit")
  .topologyWith((t) => t.networkStar().validators(3).executors(0))
  .wallets(150)
  .transactionsWith((txs) =>
    txs.findLimit({ percentile: 90, within: "10s", from: 2, to: 20, precision: 0.5, atLeast: 5 }),
  )
  .expectConsensusLiveness()
  .withRunDuration("25m")
  .build();
