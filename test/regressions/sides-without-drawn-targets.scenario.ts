import { scenario } from "nomos-run";
import type { Expected } from "./regressions.test.ts";

// A partition by groups was skipped when a node was down that its unused default targets had drawn.
export const expected: Expected = { verdict: "passed", ledger: { stop: "healed", partition: "healed" } };

export default scenario("sides-without-drawn-targets")
  .topologyWith((t) => t.networkFull().validators(3))
  .enableNodeControl()
  .chaosWith((chaos) =>
    chaos
      .stop({ at: "10s", for: "14s", targets: "validator-0" })
      .partition({ at: "12s", for: "8s", groups: [["validator-1"], ["validator-0", "validator-2"]] }),
  )
  .withRunDuration("50s")
  .build();
