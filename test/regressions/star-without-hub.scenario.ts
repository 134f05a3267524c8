import { scenario } from "nomos-run";
import type { Expected } from "./regressions.test.ts";

// A star whose hub is away falls apart: leaves finalised blocks of their own and agreement failed.
export const expected: Expected = {
  refused: /NR-PLAN-PARTITION without validator-0 the star falls apart: sides 1\/1\/1\/1/,
};

export default scenario("star-without-hub")
  .topologyWith((t) => t.networkStar().validators(5))
  .enableNodeControl()
  .chaosWith((chaos) => chaos.stop({ at: "10s", for: "40s", targets: "validator-0" }))
  .withRunDuration("90s")
  .build();
