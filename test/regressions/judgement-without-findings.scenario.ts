import { scenario } from "nomos-run";
import type { Expected } from "./regressions.test.ts";

// What was no judgement ended the run as an error of the stage, without a word on whose it was.
export const expected: Expected = { verdict: "inconclusive", ledger: {} };

export default scenario("judgement-without-findings")
  .topologyWith((t) => t.validators(2))
  .withExpectation({ name: "mine", judge: () => JSON.parse('{"outcome":"passed","summary":"fine"}') })
  .withRunDuration("20s")
  .build();
