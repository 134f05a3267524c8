import { scenario } from "nomos-run";

/** The smallest network worth the name makes blocks at its full pace. */
export default scenario("smoke")
  .topologyWith((t) => t.networkStar().validators(2).executors(1))
  .expectConsensusLiveness()
  .withRunDuration("60s")
  .build();
