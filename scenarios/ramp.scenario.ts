import { scenario } from "nomos-run";

/** A load that climbs: a quiet beginning, an even rise, and the peak for as long as the beginning. */
export default scenario("ramp")
  .topologyWith((t) => t.networkStar().validators(3).executors(0))
  .wallets(90)
  .transactionsWith((txs) =>
    txs.stages([
      { for: "30s", rate: 1 }, // per block
      { for: "60s", rate: 1, to: 20 },
      { for: "30s", rate: 20 },
    ]),
  )
  .expectConsensusLiveness()
  .withRunDuration("2m")
  .build();
