import * as v from "valibot";
import type { TxLife } from "../evidence/folds/transactions.ts";
import type { Window } from "../evidence/folds/window.ts";
import type { RunEvent } from "../model/events.ts";
import type { Evidence } from "../model/expectation.ts";
import type { Figure } from "../model/verdict.ts";
import { TransactionsOptionsSchema } from "../plan/transactions-options.ts";
import { atTime, counted, names } from "./findings.ts";

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
 * No block may hold a transaction that must not pass, on whatever branch. A node may take one while it need not know the
 * ledger's state; not when no state lets it pass, or the node had the block that forbids it below its own LIB.
 */
export function judgeInvalid({ plan, events }: Evidence, lives: readonly TxLife[], window: Window): InvalidJudgement {
  const planned = plan.workloads.some(
    ({ kind, options }) => kind === "transactions" && v.parse(TransactionsOptionsSchema, options).invalid.percent > 0,
  );
  const sent = lives.filter(({ invalid }) => invalid !== null);
  if (!planned && sent.length === 0) return { failed: false, undecided: null, facts: [], figures: {}, findings: [] };
  const included = sent.filter(({ block, orphanedIn }) => block !== null || orphanedIn.length > 0);
  const taken = sent.filter(({ acceptances }) => acceptances.length > 0);
  const wrongly = takenWrongly(events, sent, window.closedSeq);
  const answered = sent.filter(({ acceptances, refusals }) => acceptances.length > 0 || refusals.some(isAnswer));
  return {
    failed: included.length > 0 || wrongly.length > 0,
    undecided:
      sent.length === 0
        ? "no invalid transaction was sent"
        : answered.length === 0
          ? "no node answered to an invalid transaction"
          : null,
    facts: [
      `${included.length} of ${counted(sent.length, "invalid transaction")} included (none allowed)`,
      ...(wrongly.length > 0
        ? [
            `${wrongly.length} taken by ${names([...new Set(wrongly.map(({ node }) => node))])}, which had to refuse (none allowed)`,
          ]
        : []),
    ],
    figures: {
      invalid: sent.length,
      invalidRefused: answered.length - taken.length,
      invalidTaken: taken.length,
      invalidUnanswered: sent.length - answered.length,
      invalidIncluded: included.length,
      invalidNotRefused: wrongly.length,
    },
    findings: [...included.map(passed), ...wrongly.map(notRefused)],
  };
}

/** A node's yes to a transaction that it had to refuse. */
interface WrongYes {
  readonly life: TxLife;
  readonly node: string;
  readonly t: number;
  /** The height of its LIB before. */
  readonly libHeight: number;
}

function takenWrongly(events: readonly RunEvent[], sent: readonly TxLife[], untilSeq: number): readonly WrongYes[] {
  const suspects = sent.filter(({ refusedFrom, acceptances }) => refusedFrom !== null && acceptances.length > 0);
  if (suspects.length === 0) return [];
  const bySubmission = new Map(suspects.map((life) => [life.tx, life]));
  const libs = new Map<string, number>();
  const asked = new Map<string, number>();
  const found: WrongYes[] = [];
  for (const event of events) {
    if (event.seq > untilSeq) break;
    // A node that begins anew may have lost its disk.
    if (event.type === "node.started") libs.delete(event.node);
    if (event.type === "chain.view" && event.libHeight !== null) libs.set(event.node, event.libHeight);
    if (event.type !== "tx.submitted" && event.type !== "tx.accepted") continue;
    const life = bySubmission.get(event.tx);
    if (!life) continue;
    const key = `${event.tx} ${event.node}`;
    if (event.type === "tx.submitted") asked.set(key, libs.get(event.node) ?? 0);
    else {
      const libHeight = asked.get(key) ?? 0;
      if (libHeight >= (life.refusedFrom ?? 0)) found.push({ life, node: event.node, t: event.t, libHeight });
    }
  }
  return found;
}

function notRefused({ life, node, t, libHeight }: WrongYes): string {
  const { tx, workload, n, invalid, refusedFrom } = life;
  const why =
    refusedFrom === 0
      ? "which no ledger lets pass"
      : `whose note a block at height ${refusedFrom} had spent, with its LIB at height ${libHeight}`;
  return `${node} took the invalid transaction ${tx} (${workload} ${n}, ${invalid}) ${atTime(t)}, ${why}`;
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
