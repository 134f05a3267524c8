import { scenario } from "nomos-run";

/** Slow links for a while, then lossy ones: blocks come late or not at first, and the chain must keep its pace. */
export default scenario("slow-links")
  .topologyWith((t) => t.networkFull().validators(4))
  .wallets(20)
  .transactionsWith((txs) => txs.rate(1).users(20)) // per block
  .enableNodeControl()
  .chaosWith((chaos) =>
    chaos.delay({ at: "10s", for: "24s", delay: "300ms", jitter: "100ms" }).loss({ at: "50s", for: "24s", loss: 0.05 }),
  )
  .expectConsensusLiveness()
  .withRunDuration("110s")
  .build();
