import { type Equivocation, foldContradictions } from "../evidence/folds/contradictions.ts";
import type { EventOf } from "../model/events.ts";
import type { ExpectationFactory } from "../model/expectation.ts";
import { atTime, counted, listed, names, undecided } from "./findings.ts";

/**
 * No node says or signs what can't be true together: two blocks for one slot, or a height that its own blocks don't make.
 * Over the whole run. What is found proves itself, so there is no allowance in it.
 */
export const noContradiction: ExpectationFactory = {
  kind: "no-contradiction",
  figures: () => ["equivocations", "contradictions", "blocks", "looks"],
  describe: () => ["no leader signs two blocks for one slot, and no node's word on its chain is against its blocks"],
  object: () => [],

  create: (piece) => ({
    name: piece.name,
    judge({ events }) {
      const { equivocations, statements, signed, looks } = foldContradictions(events);
      const figures = {
        equivocations: equivocations.length,
        contradictions: statements.length,
        blocks: signed,
        looks,
      };
      const limits = { equivocations: 0, contradictions: 0 };
      if (equivocations.length + statements.length > 0) {
        const facts = [
          ...told(equivocations, ({ leader }) => leader, "signed two blocks for one slot", "slot"),
          ...told(statements, ({ node }) => node, "said of its chain what its blocks deny", "time"),
        ];
        const findings = listed([...equivocations.map(equivocationText), ...statements.map(statementText)]);
        return { outcome: "failed", summary: facts.join("; "), figures, limits, findings };
      }
      if (looks === 0) return { ...undecided("no node showed its chain"), figures };
      const summary = `${counted(signed, "signed block")} and ${counted(looks, "look")} at a node's chain without a contradiction`;
      return { outcome: "passed", summary, figures, limits, findings: [] };
    },
  }),
};

/** `validator-1 signed two blocks for one slot in 3 slots`, or nothing. */
function told<T>(found: readonly T[], who: (one: T) => string, did: string, noun: string): readonly string[] {
  if (found.length === 0) return [];
  return [`${names([...new Set(found.map(who))])} ${did}, ${counted(found.length, noun)}`];
}

function equivocationText({ leader, slot, blocks }: Equivocation): string {
  const each = blocks.map(
    ({ block, height, node, t }) => `${block} at height ${height}, first seen on ${node} ${atTime(t)}`,
  );
  return `${leader} signed ${blocks.length} blocks for slot ${slot}: ${each.join("; ")}`;
}

function statementText({ node, about, tip, said, seen, t }: EventOf<"node.contradiction">): string {
  if (about === "block") return `${node} called ${tip} its tip ${atTime(t)}, and ${seen}`;
  const what = about === "lib" ? `the last final block under its tip ${tip}` : `the ${about} of its tip ${tip}`;
  return `${node} gave ${what} as ${said} ${atTime(t)}, and its blocks make it ${seen}`;
}
