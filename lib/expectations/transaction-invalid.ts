import * as v from "valibot";
import type { TxLife } from "../evidence/folds/transactions.ts";
import type { Evidence } from "../model/expectation.ts";
import type { Figure } from "../model/verdict.ts";
import { TransactionsOptionsSchema } from "../plan/transactions-options.ts";
import { counted, names } from "./findings.ts";

/** What the transactions that must not pass add to a judgement. */
export interface InvalidJudgement {
  readonly failed: boolean;
  /** Why they decide nothing; null when they do, or none was planned. */
  readonly undecided: string | null;
  readonly facts: readonly string[];
  readonly figures: Readonly<Record<string, Figure>>;
  readonly findings: readonly string[];
}

/**
 * A transaction that must not pass may be taken by a node, which need not know the ledger's state yet, but no block may
 * hold it, on whatever branch.
 */
export function judgeInvalid({ plan }: Evidence, lives: readonly TxLife[]): InvalidJudgement {
  const planned = plan.workloads.some(
    ({ kind, options }) => kind === "transactions" && v.parse(TransactionsOptionsSchema, options).invalid.percent > 0,
  );
  const sent = lives.filter(({ invalid }) => invalid !== null);
  if (!planned && sent.length === 0) return { failed: false, undecided: null, facts: [], figures: {}, findings: [] };
  const included = sent.filter(({ block, orphanedIn }) => block !== null || orphanedIn.length > 0);
  const taken = sent.filter(({ acceptances }) => acceptances.length > 0);
  const answered = sent.filter(({ acceptances, refusals }) => acceptances.length > 0 || refusals.some(isAnswer));
  return {
    failed: included.length > 0,
    undecided:
      sent.length === 0
        ? "no invalid transaction was sent"
        : answered.length === 0
          ? "no node answered to an invalid transaction"
          : null,
    facts: [`${included.length} of ${counted(sent.length, "invalid transaction")} included (none allowed)`],
    figures: {
      invalid: sent.length,
      invalidRefused: answered.length - taken.length,
      invalidTaken: taken.length,
      invalidUnanswered: sent.length - answered.length,
      invalidIncluded: included.length,
    },
    findings: included.map(passed),
  };
}

/** A refusal by the node itself; one that begins with our own codes tells that no answer came. */
function isAnswer({ reason }: { readonly reason: string }): boolean {
  return !reason.startsWith("NR-");
}

function passed(life: TxLife): string {
  const { tx, workload, n, invalid, block, orphanedIn, acceptances } = life;
  const where = block ? `${block.block} at height ${block.height}` : `${names(orphanedIn)}, which left the chain`;
  const by = acceptances.length > 0 ? names([...new Set(acceptances.map(({ node }) => node))]) : "nobody";
  return `the invalid transaction ${tx} (${workload} ${n}, ${invalid}) is in block ${where}; taken by ${by}`;
}
