import { scenario } from "nomos-run";
import type { Expected } from "./regressions.test.ts";

// A node that restarts in a partition which outlasts the time that a restart has to heal was called unhealed.
export const expected: Expected = { verdict: "passed", ledger: { partition: "healed", restart: "healed" } };

export default scenario("partition-covers-restart")
  .topologyWith((t) => t.networkFull().validators(9).securityParam(100))
  .enableNodeControl()
  .chaosWith((chaos) =>
    chaos
      .restart({ at: "9900ms", targets: "validator-1" })
      .partition({ at: "10s", for: "180s", groups: [["validator-1"]] }),
  )
  .withRunDuration("230s")
  .build();
