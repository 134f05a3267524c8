import * as v from "valibot";
import { formatDuration } from "../core/duration.ts";
import { foldChain } from "../evidence/folds/chain.ts";
import { generatorHealth } from "../evidence/folds/generator-health.ts";
import { foldTransactions, type TxLife } from "../evidence/folds/transactions.ts";
import type { Window } from "../evidence/folds/window.ts";
import { latencyFigures } from "../evidence/latency.ts";
import type { Evidence, ExpectationFactory } from "../model/expectation.ts";
import type { Figure, Judgement } from "../model/verdict.ts";
import { type TransactionInclusionOptions, TransactionInclusionOptionsSchema } from "../plan/options.ts";
import { counted, inWindow, listed, percentOf, percentText } from "./findings.ts";
import { healthFinding } from "./generator-findings.ts";
import { droppersOf, dropperText, dropTexts } from "./transaction-dropped.ts";
import { explainLoss, explainRefusal } from "./transaction-fate.ts";
import { judgeInvalid } from "./transaction-invalid.ts";

/** What nodes accepted is in the chain at the end of settle, and little was refused by all of them. */
export const transactionInclusion: ExpectationFactory = {
  kind: "transaction-inclusion",

  figures: () => [
    "planned",
    "started",
    "missed",
    "accepted",
    "refused",
    "refusedPercent",
    "included",
    "includedPercent",
    "final",
    "dropped",
    "inAbandonedBlocks",
    "inclusionP50Ms",
    "inclusionP90Ms",
    "inclusionP99Ms",
    "inclusionP999Ms",
    "inclusionMaxMs",
    "invalid",
    "invalidRefused",
    "invalidTaken",
    "invalidUnanswered",
    "invalidIncluded",
    "invalidNotRefused",
  ],

  describe(piece) {
    const limits = v.parse(TransactionInclusionOptionsSchema, piece.options);
    const { minIncludedPercent, maxRefusedPercent } = limits;
    const slowest = PERCENTILES.flatMap(([limit, , name]) =>
      limits[limit] === null ? [] : [`${name} at most ${formatDuration(limits[limit])}`],
    );
    return [
      `${minIncludedPercent} % of the accepted transactions included, at most ${maxRefusedPercent} % refused`,
      ...(slowest.length > 0 ? [`time until inclusion: ${slowest.join(", ")}`] : []),
    ];
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
  const all = foldTransactions(evidence.events, window.closedSeq);
  const lives = all.filter(({ invalid }) => invalid === null);
  const started = lives.filter(({ startedAt }) => startedAt !== null);
  const accepted = started.filter(isAccepted);
  const refused = started.filter((life) => !isAccepted(life));
  const included = accepted.filter(({ block }) => block !== null);
  const lost = accepted.filter(({ block }) => block === null);
  const includedPercent = percentOf(included.length, accepted.length);
  const refusedPercent = percentOf(refused.length, Math.max(1, started.length));
  const { maxMissedOrLatePercent } = limits;
  const unhealthy = generatorHealth(all, window.slotMs, maxMissedOrLatePercent).filter(({ healthy }) => !healthy);
  const latencies = latencyFigures("inclusion", included.map(latencyOf));
  const slow = slowness(latencies, limits);
  const forged = judgeInvalid(evidence, all, window);
  const chain = foldChain(evidence.events, window.closedSeq);
  const droppers = droppersOf(evidence, window, accepted, chain, limits.maxDroppedPercent);

  const facts = [
    `${included.length} of ${accepted.length} accepted transactions included (${percentText(includedPercent)}, at least ${limits.minIncludedPercent} % needed)`,
    `${refused.length} of ${started.length} refused by every node asked (at most ${limits.maxRefusedPercent} % allowed)`,
    ...slow.map(({ text }) => text),
    ...forged.facts,
    ...droppers.map((dropper) => dropperText(dropper, limits.maxDroppedPercent)),
  ].join("; ");
  const failed =
    includedPercent < limits.minIncludedPercent ||
    refusedPercent > limits.maxRefusedPercent ||
    slow.some(({ exceeded }) => exceeded) ||
    droppers.length > 0 ||
    forged.failed;
  const undecidable =
    started.length === 0
      ? "no transaction was sent"
      : accepted.length === 0
        ? "no transaction was accepted"
        : unhealthy.length > 0
          ? `the rate was not kept by ${counted(unhealthy.length, "workload")}`
          : forged.undecided;
  const ends = evidence.events
    .filter((event) => event.type === "node.ended")
    .filter((end) => end.seq < window.closedSeq);
  return {
    outcome: failed ? "failed" : undecidable === null ? "passed" : "inconclusive",
    summary: undecidable === null || failed ? facts : `${undecidable}; ${facts}`,
    figures: {
      planned: all.length,
      started: started.length,
      missed: all.filter(({ missed }) => missed !== null).length,
      accepted: accepted.length,
      refused: refused.length,
      refusedPercent,
      included: included.length,
      includedPercent,
      final: included.filter(({ finalAt }) => finalAt !== null).length,
      dropped: droppers.reduce((sum, { dropped }) => sum + dropped.length, 0),
      inAbandonedBlocks: started.filter(({ orphanedIn }) => orphanedIn.length > 0).length,
      ...latencies,
      ...forged.figures,
    },
    limits: {
      minIncludedPercent: limits.minIncludedPercent,
      maxRefusedPercent: limits.maxRefusedPercent,
      maxDroppedPercent: limits.maxDroppedPercent,
      maxMissedOrLatePercent,
      ...Object.fromEntries(slow.map(({ limit, ms }) => [limit, ms])),
    },
    findings: listed([
      ...forged.findings,
      ...droppers.flatMap(dropTexts),
      ...lost.map((life) => explainLoss(life, ends, chain)),
      ...refused.map(explainRefusal),
      ...unhealthy.map((health) => healthFinding(health) ?? ""),
    ]),
  };
}

/** Percentiles of the time until inclusion that a plan can limit: option, figure, and how a person reads it. */
const PERCENTILES = [
  ["p50Ms", "inclusionP50Ms", "p50"],
  ["p90Ms", "inclusionP90Ms", "p90"],
  ["p99Ms", "inclusionP99Ms", "p99"],
  ["p999Ms", "inclusionP999Ms", "p99.9"],
  ["maxMs", "inclusionMaxMs", "maximum"],
] as const;

/** The percentiles that have a limit, against it. */
function slowness(latencies: Readonly<Record<string, Figure>>, limits: TransactionInclusionOptions) {
  return PERCENTILES.flatMap(([limit, key, name]) => {
    const ms = limits[limit];
    const taken = latencies[key];
    if (ms === null || typeof taken !== "number") return [];
    const text = `${name} until inclusion ${formatDuration(taken)} (at most ${formatDuration(ms)} allowed)`;
    return [{ limit, ms, exceeded: taken > ms, text }];
  });
}

/** Whether some node took it. One whose answer was lost is known by the block that holds it. */
function isAccepted(life: TxLife): boolean {
  return life.acceptances.length > 0 || life.block !== null;
}

/** From the intended start to the first sight of the block that holds it. */
function latencyOf({ block, intended }: TxLife): number {
  return (block?.t ?? intended) - intended;
}
