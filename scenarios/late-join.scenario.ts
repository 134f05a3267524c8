import { scenario } from "nomos-run";

/** A fifth of the stake comes late, and one node comes back with an empty disk: both must learn the chain. */
export default scenario("late-join")
  .topologyWith((t) => t.networkStar().validators(5))
  .enableNodeControl()
  .chaosWith((chaos) =>
    chaos.join({ targets: "validator-4", at: "30s" }).wipe({ targets: "validator-1", at: "60s", for: "4s" }),
  )
  .expectConsensusLiveness()
  .withRunDuration("100s")
  .build();
