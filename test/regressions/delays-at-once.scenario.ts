import { scenario } from "nomos-run";
import type { Expected } from "./regressions.test.ts";

// Probes of one delay were taken for lost while another held too: neither was seen to take effect.
export const expected: Expected = { verdict: "passed", ledger: { delay: "healed" } };

export default scenario("delays-at-once")
  .topologyWith((t) => t.networkFull().validators(4))
  .enableNodeControl()
  .chaosWith((chaos) =>
    chaos
      .delay({ at: "8s", for: "20s", delay: "900ms" })
      .delay({ at: "12s", for: "8s", delay: "600ms", jitter: "100ms" }),
  )
  .withRunDuration("50s")
  .build();
