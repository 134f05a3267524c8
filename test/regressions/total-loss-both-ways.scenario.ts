import { scenario } from "nomos-run";
import type { Expected } from "./regressions.test.ts";

// Where everything is lost both ways there is no connection for probes: such a loss was never seen.
export const expected: Expected = { verdict: "passed", ledger: { loss: "healed" } };

export default scenario("total-loss-both-ways")
  .topologyWith((t) => t.networkFull().validators(5))
  .enableNodeControl()
  .chaosWith((chaos) => chaos.loss({ at: "8s", for: "4s", loss: 1 }))
  .withRunDuration("40s")
  .build();
