import { scenario } from "nomos-run";

/** Traffic of both kinds while nodes restart: the network must keep its pace and lose nothing. */
export default scenario("chaos")
  .topologyWith((t) => t.networkStar().validators(3).executors(2))
  .wallets(50)
  .transactionsWith((txs) => txs.rate(5).users(20)) // per block
  .daWith((da) => da.channelRate(1).blobRate(2))
  .enableNodeControl()
  .chaosWith((chaos) => chaos.restart({ minDelay: "10s", maxDelay: "20s", targetCooldown: "30s" }))
  .expectConsensusLiveness()
  .withRunDuration("90s")
  .build();
