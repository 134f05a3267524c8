import { minority, scenario } from "nomos-run";

/** Cuts the network in two, short enough that both sides become one chain again: everything sent must survive it. */
export default scenario("partition")
  .topologyWith((t) => t.networkFull().validators(5))
  .wallets(20)
  .transactionsWith((txs) => txs.rate(1).users(20)) // per block
  .enableNodeControl()
  .chaosWith((chaos) => chaos.partition({ at: "30s", for: "8s", targets: minority() }))
  .expectConsensusLiveness()
  .withRunDuration("90s")
  .build();
