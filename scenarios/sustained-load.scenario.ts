import { scenario } from "nomos-run";

/** The same load for ten minutes: wallets are used again and again, and none may run dry. */
export default scenario("sustained-load")
  .topologyWith((t) => t.networkStar().validators(3).executors(1))
  .wallets(90)
  .transactionsWith((txs) => txs.rate(15)) // per block
  .expectConsensusLiveness()
  .withRunDuration("10m")
  .build();
