import type { HeaderId } from "../../chain/types.ts";
import type { EventOf, RunEvent } from "../../model/events.ts";
import { branchOf, type SeenEvent } from "./chain.ts";

/** The wallets' ledger at a block, reckoned from the genesis and the blocks' transfers alone. */
export interface ReckonedLedger {
  /** What each key owns; keys that own nothing are left out. */
  readonly balances: ReadonlyMap<string, bigint>;
  readonly total: bigint;
  /** Transfers that no honest ledger lets pass, in words. */
  readonly violations: readonly string[];
}

type Funded = EventOf<"wallets.funded">["wallets"];

/** Everything about value that a run recorded. */
export interface ValueEvidence {
  /** The genesis' wallets; null when they were not recorded. */
  readonly funded: Funded | null;
  readonly balances: readonly EventOf<"node.balances">[];
  /** The last look at each. */
  readonly mempools: readonly EventOf<"node.mempool">[];
  /** Null when a block of the branch was not seen, or its transfers not recorded. */
  ledgerAt(tip: HeaderId): ReckonedLedger | null;
}

/** Collects what was recorded of value. */
export function foldValue(events: readonly RunEvent[]): ValueEvidence {
  const blocks = new Map<HeaderId, SeenEvent>();
  const transfers = new Map<HeaderId, EventOf<"block.transfers">>();
  const known = new Map<HeaderId, ReckonedLedger | null>();
  for (const event of events) {
    if (event.type === "block.seen") blocks.set(event.block, event);
    if (event.type === "block.transfers") transfers.set(event.block, event);
  }
  const funded = events.find((event) => event.type === "wallets.funded")?.wallets ?? null;
  return {
    funded,
    balances: events.filter((event) => event.type === "node.balances"),
    mempools: [
      ...new Map(events.filter((event) => event.type === "node.mempool").map((look) => [look.node, look])).values(),
    ],
    ledgerAt(tip) {
      const ledger = known.get(tip) ?? reckon(funded ?? [], branchOf(blocks, tip), transfers);
      known.set(tip, ledger);
      return ledger;
    },
  };
}

function reckon(
  funded: Funded,
  branch: readonly SeenEvent[],
  transfers: ReadonlyMap<HeaderId, EventOf<"block.transfers">>,
): ReckonedLedger | null {
  if (branch[0]?.height !== 1) return null;
  const unspent = new Map(funded.map(({ note, pk, value }) => [note, { pk, value: BigInt(value) }]));
  const spentIn = new Map<string, string>();
  const violations: string[] = [];
  for (const { block, height, node, txs } of branch) {
    if (txs.length === 0) continue;
    const recorded = transfers.get(block);
    if (!recorded) return null;
    for (const { tx, inputs, outputs } of recorded.transfers) {
      const where = `transaction ${tx} in block ${block} at height ${height}, first seen on ${node},`;
      let incoming = 0n;
      for (const note of inputs) {
        const spent = unspent.get(note);
        const before = spentIn.get(note);
        if (!spent)
          violations.push(
            `${where} spends note ${note}, which ${before === undefined ? "never was" : `${before} had spent`}`,
          );
        incoming += spent?.value ?? 0n;
        unspent.delete(note);
        spentIn.set(note, tx);
      }
      const outgoing = outputs.reduce((sum, { value }) => sum + BigInt(value), 0n);
      if (incoming !== outgoing) violations.push(`${where} turns ${incoming} into ${outgoing}`);
      for (const { note, pk, value } of outputs) unspent.set(note, { pk, value: BigInt(value) });
    }
  }
  const balances = new Map<string, bigint>();
  let total = 0n;
  for (const { pk, value } of unspent.values()) {
    balances.set(pk, (balances.get(pk) ?? 0n) + value);
    total += value;
  }
  return { balances, total, violations };
}
