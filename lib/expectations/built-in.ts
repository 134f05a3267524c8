import type { ExpectationFactory } from "../model/expectation.ts";
import { agreement } from "./agreement.ts";
import { conservation } from "./conservation.ts";
import { convergence } from "./convergence.ts";
import { dataAvailability } from "./data-availability.ts";
import { divergence } from "./divergence.ts";
import { fairShare } from "./fair-share.ts";
import { faultRecovery } from "./fault-recovery.ts";
import { liveness } from "./liveness.ts";
import { logs } from "./logs.ts";
import { noContradiction } from "./no-contradiction.ts";
import { noUnexpectedExit } from "./no-unexpected-exit.ts";
import { resources } from "./resources.ts";
import { sometimes } from "./sometimes.ts";
import { createThresholds } from "./thresholds.ts";
import { transactionInclusion } from "./transaction-inclusion.ts";
import { transactionLimit } from "./transaction-limit.ts";

const WITH_FIGURES: ReadonlyMap<string, ExpectationFactory> = new Map(
  [
    agreement,
    conservation,
    convergence,
    dataAvailability,
    divergence,
    fairShare,
    faultRecovery,
    liveness,
    logs,
    noContradiction,
    noUnexpectedExit,
    resources,
    sometimes,
    transactionInclusion,
    transactionLimit,
  ].map((factory) => [factory.kind, factory]),
);
const thresholds = createThresholds(WITH_FIGURES);

/** The expectations that come with the product, by kind. */
export const BUILT_IN_EXPECTATIONS: ReadonlyMap<string, ExpectationFactory> = new Map([
  ...WITH_FIGURES,
  [thresholds.kind, thresholds],
]);
