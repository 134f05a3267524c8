import { scenario } from "nomos-run";
import type { Expected } from "./regressions.test.ts";

// Transactions that must not pass, which a node may take and no block may hold, were mempools that never empty out.
export const expected: Expected = { verdict: "passed", ledger: {} };

export default scenario("invalid-stay-in-mempools")
  .topologyWith((t) => t.networkFull().validators(3))
  .wallets(20)
  .transactionsWith((txs) => txs.rate(3).invalid({ percent: 30 }))
  .expectConservation()
  .withRunDuration("60s")
  .build();
