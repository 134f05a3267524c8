import { scenario } from "nomos-run";
import type { Expected } from "./regressions.test.ts";

// A delay of all links was skipped, and so never tested, while one node had not joined yet.
export const expected: Expected = { verdict: "passed", ledger: { delay: "healed", join: "healed" } };

export default scenario("delay-without-latecomer")
  .topologyWith((t) => t.networkFull().validators(5))
  .enableNodeControl()
  .chaosWith((chaos) =>
    chaos.join({ at: "30s", targets: "validator-4" }).delay({ at: "8s", for: "8s", delay: "300ms" }),
  )
  .withRunDuration("50s")
  .build();
