import { scenario } from "nomos-run";
import type { Expected } from "./regressions.test.ts";

// The partition can't begin while the clock is off; the run passed as if it had been tested.
export const expected: Expected = {
  verdict: "inconclusive",
  ledger: { "clock-offset": "healed", partition: "skipped" },
};

export default scenario("fault-that-never-came")
  .topologyWith((t) => t.networkFull().validators(5))
  .enableNodeControl()
  .chaosWith((chaos) =>
    chaos
      .clockOffset({ at: "10s", for: "6s", offset: "4s", targets: "validator-1" })
      .partition({ at: "12s", for: "6s" }),
  )
  .withRunDuration("50s")
  .build();
