import { scenario } from "nomos-run";

/** Transfers at a steady rate: every accepted one must be in the chain at the end. */
export default scenario("transactions")
  .topologyWith((t) => t.networkStar().validators(3).executors(1))
  .wallets(60)
  .transactionsWith((txs) => txs.rate(10).users(60)) // per block
  .expectConsensusLiveness()
  .withRunDuration("90s")
  .build();
