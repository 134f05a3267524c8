import { leaders, scenario } from "nomos-run";
import type { Expected } from "./regressions.test.ts";

// Faults whose target only the run knows were refused as cutting nothing.
export const expected: Expected = { verdict: "passed", ledger: { partition: "healed", "clock-offset": "healed" } };

export default scenario("partition-of-leaders")
  .topologyWith((t) => t.networkFull().validators(5))
  .enableNodeControl()
  .chaosWith((chaos) =>
    chaos
      .partition({ at: "8s", for: "8s", targets: leaders() })
      .clockOffset({ at: "30s", for: "4s", offset: "6s", targets: leaders() }),
  )
  .withRunDuration("65s")
  .build();
