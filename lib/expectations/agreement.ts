import { findDivergence } from "../evidence/agreement.ts";
import { foldChain } from "../evidence/folds/chain.ts";
import { foldFinality } from "../evidence/folds/finality.ts";
import type { Window } from "../evidence/folds/window.ts";
import { naturalConflict } from "../evidence/judgement/natural-conflict.ts";
import type { Evidence, ExpectationFactory } from "../model/expectation.ts";
import { atTime, counted, inWindow, listed, names, undecided } from "./findings.ts";

/** No two nodes ever differed at or below their LIB, and none took back what it had called final. */
export const agreement: ExpectationFactory = {
  kind: "agreement",

  figures: () => ["naturalConflict", "nodes", "highestFinal", "lowestFinal", "firstConflict"],

  describe: (_piece, plan, forecast) => [
    `no two of ${plan.topology.nodes.length} nodes differ at or below the LIB; a healthy network does with probability ${forecast.naturalConflict.toExponential(1)}`,
  ],

  object: () => [],

  create: (piece) => ({
    name: piece.name,
    judge: (evidence) =>
      inWindow(evidence, (window) => {
        const { blocks } = foldChain(evidence.events, window.closedSeq);
        const { chains } = foldFinality(evidence.events, window.closedSeq);
        const nodes = new Set(chains.filter((chain) => chain.blocks.size > 0).map(({ node }) => node));
        const heights = chains.map((chain) => Math.max(0, ...chain.blocks.keys()));
        const natural = naturalConflictOf(evidence, window);
        const figures = {
          naturalConflict: Number(natural.toPrecision(2)),
          nodes: nodes.size,
          highestFinal: Math.max(0, ...heights),
          lowestFinal: heights.length === 0 ? 0 : Math.min(...heights),
        };
        const divergence = findDivergence(chains);
        if (divergence) {
          const findings = divergence.blocks.map((block) => {
            const seen = blocks.get(block.id);
            const when = seen ? ` in slot ${seen.slot}, first seen on ${seen.node} ${atTime(seen.t)},` : "";
            return `block ${block.id}${when} is final at height ${divergence.height} for ${names([...new Set(block.nodes)])}`;
          });
          const held = divergence.blocks.map(
            (block) => `${block.id.slice(0, 8)} on ${names([...new Set(block.nodes)])}`,
          );
          return {
            outcome: "failed",
            summary: `nodes differ at or below their LIB, first at height ${divergence.height}: ${held.join(", ")}; a healthy network does with probability ${natural.toExponential(1)}`,
            figures: { ...figures, firstConflict: divergence.height },
            limits: { conflicts: 0 },
            findings: listed(findings),
          };
        }
        if (nodes.size < Math.min(2, evidence.plan.topology.nodes.length)) {
          return {
            ...undecided(
              `${counted(nodes.size, "node")} finalised anything that was seen, so there is nothing to compare; finality takes ${evidence.plan.consensus.k} blocks`,
            ),
            figures,
          };
        }
        return {
          outcome: "passed",
          summary: `${counted(nodes.size, "node")} agree on every final block, up to height ${figures.highestFinal}`,
          figures,
          limits: { conflicts: 0 },
          findings: [],
        };
      }),
  }),
};

/** What the chance of a conflict was over the judged window, with every node up and no fault. */
function naturalConflictOf(evidence: Evidence, window: Window): number {
  const { consensus, topology } = evidence.plan;
  const stakes = topology.nodes.map(({ stake }) => stake);
  const occupancy = evidence.occupancy(
    stakes,
    stakes.reduce((sum, stake) => sum + stake, 0),
  );
  const slots = Math.max(0, window.toSlot - window.fromSlot + 1);
  return naturalConflict({ nodes: stakes.length, occupancy, tieBreak: consensus.tieBreak, slots }, consensus.k);
}
