import { foldValue, type ReckonedLedger, type ValueEvidence } from "../evidence/folds/ledger.ts";
import { foldTransactions } from "../evidence/folds/transactions.ts";
import type { Evidence, ExpectationFactory } from "../model/expectation.ts";
import type { Judgement } from "../model/verdict.ts";
import { counted, listed, undecided } from "./findings.ts";
import { readBalances } from "./read-balances.ts";

/**
 * No value comes or goes: every wallet's balance, on every validator, is what the chain's transfers make it; no note is
 * spent twice; and mempools empty out. Invalid transactions that a node took on purpose of the plan may stay in mempools:
 * no block may hold them, and a node can't tell "not yet" from "never".
 */
export const conservation: ExpectationFactory = {
  kind: "conservation",

  figures: () => ["wallets", "nodes", "wrongBalances", "violations", "pending"],

  describe: (_piece, plan) => [
    `the ${counted(plan.wallets.count, "wallet")} own ${plan.wallets.totalFunds} tokens to the end, each what its transfers make it, on every validator; mempools empty out`,
  ],

  object(_piece, { wallets }) {
    if (wallets.count > 0) return [];
    const message = "conservation has nothing to judge: the plan has no wallets";
    return [{ code: "NR-PLAN-EXPECTATION", path: "options", message, hint: "Add wallets, or leave it out." }];
  },

  create: (piece) => ({ name: piece.name, collect: readBalances, judge }),
};

function judge({ events }: Evidence): Judgement {
  const value = foldValue(events);
  const { funded, balances, mempools } = value;
  if (!funded || balances.length === 0)
    return undecided("no balance was read: the run ended first, or no validator answered");
  const ledgers = balances.map(({ node, tip }) => ({ node, tip, ledger: value.ledgerAt(tip) }));
  const unknown = ledgers.find(({ ledger }) => ledger === null);
  if (unknown)
    return undecided(`the transfers of the chain of ${unknown.node} up to block ${unknown.tip} were not recorded`);

  const start = funded.reduce((sum, one) => sum + BigInt(one.value), 0n);
  const totals = ledgers.map(({ ledger }) => ledger?.total ?? 0n);
  const violations = [...new Set(ledgers.flatMap(({ ledger }) => ledger?.violations ?? []))];
  const wrong = balances.flatMap((read) => wrongBalances(read, funded, value.ledgerAt(read.tip)));
  const invalid = foldTransactions(events).filter((life) => life.invalid && life.acceptances.length > 0).length;
  const full = mempools.flatMap(({ node, pending }) =>
    pending > invalid ? [{ node, pending: pending - invalid }] : [],
  );
  const unanswered = balances.flatMap((read) => Object.values(read.balances)).filter((one) => one === null).length;
  const end = totals.find((total) => total !== start) ?? start;
  const facts = `${funded.length} wallets had ${start} tokens and have ${end}; ${counted(wrong.length, "balance")} of ${funded.length * balances.length} wrong, ${counted(violations.length, "transfer")} against the rules, ${counted(full.length, "mempool")} not empty`;
  const failed = violations.length + wrong.length + full.length > 0 || end !== start;
  return {
    outcome: failed ? "failed" : unanswered > 0 ? "inconclusive" : "passed",
    summary: failed || unanswered === 0 ? facts : `${counted(unanswered, "balance")} not told by nodes; ${facts}`,
    figures: {
      wallets: funded.length,
      nodes: balances.length,
      startTokens: String(start),
      endTokens: String(end),
      wrongBalances: wrong.length,
      violations: violations.length,
      pending: full.reduce((sum, { pending }) => sum + pending, 0),
    },
    limits: { wrongBalances: 0, violations: 0, pending: 0 },
    findings: listed([
      ...violations,
      ...wrong,
      ...full.map(({ node, pending }) => `${node} still has ${counted(pending, "transaction")} in its mempool`),
    ]),
  };
}

function wrongBalances(
  { node, tip, balances }: ValueEvidence["balances"][number],
  funded: NonNullable<ValueEvidence["funded"]>,
  ledger: ReckonedLedger | null,
): readonly string[] {
  return funded.flatMap(({ wallet, pk }) => {
    const told = balances[wallet] ?? null;
    const reckoned = ledger?.balances.get(pk) ?? 0n;
    if (told === null || BigInt(told) === reckoned) return [];
    return [`${node} gives ${wallet} ${told} tokens at block ${tip}, and its transfers make it ${reckoned}`];
  });
}
