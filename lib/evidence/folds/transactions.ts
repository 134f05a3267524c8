import type { HeaderId, TxHash } from "../../chain/types.ts";
import type { RunEvent } from "../../model/events.ts";
import { type ChainEvidence, foldChain, type SeenEvent } from "./chain.ts";
import { foldFinality } from "./finality.ts";
import type { Start } from "./generator-health.ts";

/** A node's answer to a transaction, at its time on the run's clock. */
export interface Acceptance {
  readonly node: string;
  readonly t: number;
  /** Whether the node had it already. */
  readonly duplicate: boolean;
}

export interface TxRefusal {
  readonly node: string;
  readonly reason: string;
  /** No other node was asked afterwards. */
  readonly final: boolean;
  readonly t: number;
}

/** One intended transaction, from its schedule to the chain. */
export interface TxLife extends Start {
  /** Whether it was given up because the generator itself was late. */
  readonly missedByGenerator: boolean;
  /** Null when it was never started. */
  readonly tx: TxHash | null;
  /** What is wrong with it, where it is one that must not pass; null for all others. */
  readonly invalid: string | null;
  /** The height of a node's LIB from which on it must refuse it; null where it need not. */
  readonly refusedFrom: number | null;
  /** The nodes that it was offered to, in order. */
  readonly askedOf: readonly string[];
  readonly acceptances: readonly Acceptance[];
  readonly refusals: readonly TxRefusal[];
  /** The canonical block that holds it at the end of the window. */
  readonly block: SeenEvent | null;
  /** Blocks off the canonical chain that hold it. */
  readonly orphanedIn: readonly HeaderId[];
  /** When its block was first at or below a node's LIB; null when it was not by the end of the window. */
  readonly finalAt: number | null;
}

type Draft = { -readonly [K in keyof TxLife]: TxLife[K] };

/** Follows every intended transaction by its id, up to the event `untilSeq`. */
export function foldTransactions(events: readonly RunEvent[], untilSeq = Number.POSITIVE_INFINITY): readonly TxLife[] {
  const lives = new Lives();
  // A transaction that every node refused may be offered again under a new number: the answers are the newest's.
  const byTx = new Map<TxHash, Draft>();
  for (const event of events) {
    if (event.seq > untilSeq) break;
    if (event.type === "tx.planned") lives.add(draft(event));
    if (event.type === "tx.missed") {
      const life = lives.find(event);
      if (!life) continue;
      life.missed = event.why;
      life.missedByGenerator = event.generator ?? false;
    }
    if (event.type === "tx.invalid") {
      const life = lives.find(event);
      if (!life) continue;
      life.invalid = event.kind;
      life.refusedFrom = event.refusedFrom ?? null;
    }
    if (event.type === "tx.submitted") {
      const life = lives.find(event);
      if (!life) continue;
      life.startedAt ??= event.t;
      life.tx = event.tx;
      life.askedOf = [...life.askedOf, event.node];
      byTx.set(event.tx, life);
    }
    if (event.type === "tx.accepted") {
      const life = byTx.get(event.tx);
      if (life)
        life.acceptances = [...life.acceptances, { node: event.node, t: event.t, duplicate: event.duplicate ?? false }];
    }
    if (event.type === "tx.refused") {
      const { node, reason, final, t } = event;
      const life = byTx.get(event.tx);
      if (life) life.refusals = [...life.refusals, { node, reason, final, t }];
    }
  }
  place(byTx, foldChain(events, untilSeq));
  const { finalAt } = foldFinality(events, untilSeq);
  for (const life of byTx.values()) life.finalAt = (life.block && finalAt(life.block.height)) ?? null;
  return lives.all;
}

/** Finds the blocks that hold the transactions. */
function place(byTx: ReadonlyMap<TxHash, Draft>, chain: ChainEvidence): void {
  for (const block of chain.blocks.values()) {
    for (const tx of block.txs) {
      const life = byTx.get(tx);
      if (!life) continue;
      if (chain.isCanonical(block.block)) life.block = block;
      else life.orphanedIn = [...life.orphanedIn, block.block];
    }
  }
}

/** Lives by workload and number, in the order of their schedule. */
class Lives {
  readonly all: Draft[] = [];
  readonly #byWorkload = new Map<string, Map<number, Draft>>();

  add(life: Draft): void {
    this.all.push(life);
    const numbered = this.#byWorkload.get(life.workload) ?? new Map<number, Draft>();
    this.#byWorkload.set(life.workload, numbered.set(life.n, life));
  }

  find({ workload, n }: { readonly workload: string; readonly n: number }): Draft | undefined {
    return this.#byWorkload.get(workload)?.get(n);
  }
}

/** One empty list for all, and lists no longer than what is in them: of hundreds of thousands, each counts. */
const NONE: readonly never[] = [];

function draft({ workload, n, intended }: { workload: string; n: number; intended: number }): Draft {
  return {
    workload,
    n,
    intended,
    startedAt: null,
    missed: null,
    missedByGenerator: false,
    tx: null,
    invalid: null,
    refusedFrom: null,
    askedOf: NONE,
    acceptances: NONE,
    refusals: NONE,
    block: null,
    orphanedIn: NONE,
    finalAt: null,
  };
}
