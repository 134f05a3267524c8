import { scenario } from "nomos-run";

/** Blobs on a few channels: what was dispersed must be in the chain, and its holders must give it back. */
export default scenario("data-availability")
  .topologyWith((t) => t.networkFull().validators(3).executors(2))
  .daWith((da) => da.channelRate(2).blobRate(3).headroomPercent(20)) // blobs per block, over all channels
  .expectConsensusLiveness()
  .withRunDuration("90s")
  .build();
