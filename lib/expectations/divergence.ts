import { findDivergence } from "../evidence/agreement.ts";
import { foldFinality } from "../evidence/folds/finality.ts";
import type { ExpectationFactory } from "../model/expectation.ts";
import { inWindow, names } from "./findings.ts";

/**
 * Two nodes were seen to differ at their LIB: what a cut that outlives finality must come to. Stands in for agreement.
 * Not seeing it proves nothing, for chance decides whether both branches get that long.
 */
export const divergence: ExpectationFactory = {
  kind: "divergence",

  figures: () => ["highestFinal", "firstConflict"],
  describe: () => ["two nodes are seen to differ at or below their LIB; the run is inconclusive if they are not"],
  object: () => [],

  create: (piece) => ({
    name: piece.name,
    judge: (evidence) =>
      inWindow(evidence, (window) => {
        const { chains } = foldFinality(evidence.events, window.closedSeq);
        const found = findDivergence(chains);
        const highest = Math.max(0, ...chains.flatMap(({ blocks }) => [...blocks.keys()]));
        if (!found) {
          return {
            outcome: "inconclusive",
            summary: `no two nodes were seen to differ at or below their LIB, up to height ${highest}`,
            figures: { highestFinal: highest, firstConflict: null },
            limits: { conflicts: 1 },
            findings: [],
          };
        }
        return {
          outcome: "passed",
          summary: `nodes differ at or below their LIB, first at height ${found.height}`,
          figures: { highestFinal: highest, firstConflict: found.height },
          limits: { conflicts: 1 },
          findings: found.blocks.map(
            (block) => `block ${block.id} is final at height ${found.height} for ${names([...new Set(block.nodes)])}`,
          ),
        };
      }),
  }),
};
