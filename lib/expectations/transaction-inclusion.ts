import * as v from "valibot";
import { foldChain } from "../evidence/folds/chain.ts";
import { generatorHealth, MAX_UNHEALTHY_PERCENT } from "../evidence/folds/generator-health.ts";
import { foldTransactions, type TxLife } from "../evidence/folds/transactions.ts";
import type { Window } from "../evidence/folds/window.ts";
import { latencyFigures } from "../evidence/latency.ts";
import type { Evidence, ExpectationFactory } from "../model/expectation.ts";
import type { Judgement } from "../model/verdict.ts";
import { type TransactionInclusionOptions, TransactionInclusionOptionsSchema } from "../plan/options.ts";
import { counted, inWindow, listed, percentOf, percentText } from "./findings.ts";
import { healthFinding } from "./generator-findings.ts";
import { explainLoss, explainRefusal } from "./transaction-fate.ts";

/** What nodes accepted is in the chain at the end of settle, and little was refused by all of them. */
export const transactionInclusion: ExpectationFactory = {
  kind: "transaction-inclusion",

  describe(piece) {
    const { minIncludedPercent, maxRefusedPercent } = v.parse(TransactionInclusionOptionsSchema, piece.options);
    return [`${minIncludedPercent} % of the accepted transactions included, at most ${maxRefusedPercent} % refused`];
  },

  object: () => [],

  create(piece) {
    const limits = v.parse(TransactionInclusionOptionsSchema, piece.options);
    return {
      name: piece.name,
      judge: (evidence) => inWindow(evidence, (window) => judge(evidence, window, limits)),
    };
  },
};

function judge(evidence: Evidence, window: Window, limits: TransactionInclusionOptions): Judgement {
  const lives = foldTransactions(evidence.events, window.closedSeq);
  const started = lives.filter(({ startedAt }) => startedAt !== null);
  const accepted = started.filter(isAccepted);
  const refused = started.filter((life) => !isAccepted(life));
  const included = accepted.filter(({ block }) => block !== null);
  const lost = accepted.filter(({ block }) => block === null);
  const includedPercent = percentOf(included.length, accepted.length);
  const refusedPercent = percentOf(refused.length, Math.max(1, started.length));
  const unhealthy = generatorHealth(lives, window.slotMs).filter(({ healthy }) => !healthy);

  const facts =
    `${included.length} of ${accepted.length} accepted transactions included (${percentText(includedPercent)}, at least ${limits.minIncludedPercent} % needed); ` +
    `${refused.length} of ${started.length} refused by every node asked (at most ${limits.maxRefusedPercent} % allowed)`;
  const failed = includedPercent < limits.minIncludedPercent || refusedPercent > limits.maxRefusedPercent;
  const undecidable =
    started.length === 0
      ? "no transaction was sent"
      : accepted.length === 0
        ? "no transaction was accepted"
        : unhealthy.length > 0
          ? `the rate was not kept by ${counted(unhealthy.length, "workload")}`
          : null;
  const chain = foldChain(evidence.events, window.closedSeq);
  const ends = evidence.events
    .filter((event) => event.type === "node.ended")
    .filter((end) => end.seq < window.closedSeq);
  return {
    outcome: failed ? "failed" : undecidable === null ? "passed" : "inconclusive",
    summary: undecidable === null || failed ? facts : `${undecidable}; ${facts}`,
    figures: {
      planned: lives.length,
      started: started.length,
      missed: lives.filter(({ missed }) => missed !== null).length,
      accepted: accepted.length,
      refused: refused.length,
      refusedPercent,
      included: included.length,
      includedPercent,
      final: included.filter(({ finalAt }) => finalAt !== null).length,
      inAbandonedBlocks: started.filter(({ orphanedIn }) => orphanedIn.length > 0).length,
      ...latencyFigures("inclusion", included.map(latencyOf)),
    },
    limits: {
      minIncludedPercent: limits.minIncludedPercent,
      maxRefusedPercent: limits.maxRefusedPercent,
      maxMissedOrLatePercent: MAX_UNHEALTHY_PERCENT,
    },
    findings: listed([
      ...lost.map((life) => explainLoss(life, ends, chain)),
      ...refused.map(explainRefusal),
      ...unhealthy.map((health) => healthFinding(health) ?? ""),
    ]),
  };
}

/** Whether some node took it. One whose answer was lost is known by the block that holds it. */
function isAccepted(life: TxLife): boolean {
  return life.acceptances.length > 0 || life.block !== null;
}

/** From the intended start to the first sight of the block that holds it. */
function latencyOf({ block, intended }: TxLife): number {
  return (block?.t ?? intended) - intended;
}
