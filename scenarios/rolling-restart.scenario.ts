import { scenario } from "nomos-run";

/** Restarts every node, one after the other, as an upgrade does: the chain must not stand still. */
export default scenario("rolling-restart")
  .topologyWith((t) => t.networkFull().validators(4).executors(1))
  .wallets(20)
  .transactionsWith((txs) => txs.rate(1).users(20)) // per block
  .enableNodeControl()
  .chaosWith((chaos) => chaos.rollingRestart({ at: "10s", pause: "5s" }))
  .expectConsensusLiveness()
  .withRunDuration("150s")
  .build();
