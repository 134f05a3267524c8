import { ALREADY_IN_MEMPOOL, REFUSALS } from "../../chain/http/refusal.ts";
import { type LedgerState, MAX_BLOCK_BYTES, MAX_BLOCK_TXS } from "../../chain/ledger.ts";
import type { BlobId, SignedTx, TxHash } from "../../chain/types.ts";
import { equalBytes } from "../../core/bytes.ts";
import type { HeadMove, TreeNode } from "./block-tree.ts";
import type { ChainState } from "./chain-state.ts";
import type { Place } from "./tx-facts.ts";
import type { MempoolMetrics, Refusal } from "./types.ts";
import type { Verifier } from "./verifier.ts";

/**
 * Most pending transactions, and most bytes of them, which every new connection is sent; more are refused. What does not
 * apply as the chain stands gets half of it, since it may have to wait for ever.
 */
const CAPACITY = 65_536;
const CAPACITY_BYTES = 16 * 2 ** 20;

/** What a block is to be made of. */
export interface Selection {
  readonly txs: readonly SignedTx[];
  /** The ledger after them. */
  readonly ledger: LedgerState;
  /** How many were thrown out because they can never apply. */
  readonly removed: number;
}

/** Transactions that wait for a block, in order of arrival. */
export class Mempool {
  readonly #verifier: Verifier;
  /**
   * By hash, in versions that differ in whose proof they carry: the hash does not cover it, and while the inputs are not
   * there nobody can tell whose they are.
   */
  readonly #pending = new Map<TxHash, SignedTx[]>();
  #versions = 0;
  #bytes = 0;
  /** Pending transactions by the places that they take. */
  readonly #takers = new Map<Place, Set<TxHash>>();
  readonly #blobs = new Map<BlobId, number>();
  #lastAdded = 0;
  added = 0;
  removed = 0;

  constructor(verifier: Verifier) {
    this.#verifier = verifier;
  }

  metrics(): MempoolMetrics {
    return { pendingItems: this.#pending.size, lastItemTimestamp: this.#lastAdded };
  }

  has(hash: TxHash): boolean {
    return this.#pending.has(hash);
  }

  pending(): readonly SignedTx[] {
    return [...this.#pending.values()].flat();
  }

  /** Whether a pending transaction refers to the blob. */
  wants(blob: BlobId): boolean {
    return this.#blobs.has(blob);
  }

  /** Whether this very transaction, signatures included, is pending, and so verified. */
  holds(signed: SignedTx): boolean {
    const versions = this.#pending.get(this.#verifier.facts(signed).hash) ?? [];
    return versions.some((pending) => pending === signed || sameProofs(pending, signed));
  }

  /**
   * Takes a transaction that may become part of the chain of `tip`, with `lib` the state at its LIB.
   * @returns why not, or null when it was taken
   */
  add(signed: SignedTx, tip: ChainState, lib: ChainState, now: number): Refusal | null {
    const fault = this.#verifier.encodingFault(signed);
    if (fault !== null) return failed(`Invalid transaction: ${fault}`);
    const { hash, bytes, takes, owner } = this.#verifier.facts(signed);
    const versions = this.#pending.get(hash) ?? [];
    const isKnown = versions.some((version) => this.#verifier.facts(version).owner === owner);
    if (isKnown || tip.included.has(hash)) return failed(ALREADY_IN_MEMPOOL);
    if (bytes > MAX_BLOCK_BYTES) {
      return failed(`Invalid transaction: it has ${bytes} bytes, a block at most ${MAX_BLOCK_BYTES}`);
    }
    if (this.#versions >= CAPACITY) return failed(`Mempool is full: ${CAPACITY} transactions are pending`);
    if (this.#bytes + bytes > CAPACITY_BYTES) return failed(`Mempool is full: ${this.#bytes} bytes are pending`);
    const check = this.#verifier.tx(signed);
    if (!check.ok) {
      const row = check.fault === "op-proof" ? REFUSALS.badBody : REFUSALS.failed;
      return { status: row.status, reason: row.text(check.reason) };
    }
    const gone = this.#verifier.rules.ruledOut(takes, lib);
    if (gone !== undefined) return failed(`Invalid transaction: ${gone} is already taken by a final transaction`);
    const applied = this.#verifier.rules.apply(tip.ledger, tip.taken, signed);
    if (!applied.ok && applied.permanent) return failed(`Invalid transaction: ${applied.reason}`);
    if (!applied.ok && (this.#versions >= CAPACITY / 2 || this.#bytes + bytes > CAPACITY_BYTES / 2)) {
      return failed(`Mempool is half full: it takes nothing more that has to wait: ${applied.reason}`);
    }
    this.#insert(signed);
    this.#lastAdded = now;
    this.added++;
    return null;
  }

  #insert(signed: SignedTx): void {
    const { hash, bytes, takes, blobs } = this.#verifier.facts(signed);
    this.#versions++;
    this.#bytes += bytes;
    const versions = this.#pending.get(hash);
    if (versions) {
      versions.push(signed);
      return;
    }
    this.#pending.set(hash, [signed]);
    for (const blob of blobs) this.#blobs.set(blob, (this.#blobs.get(blob) ?? 0) + 1);
    for (const place of takes) {
      const takers = this.#takers.get(place);
      if (takers) takers.add(hash);
      else this.#takers.set(place, new Set([hash]));
    }
  }

  /** Removes one version, and with the last one the transaction. False if it is not there any more. */
  #deleteVersion(signed: SignedTx): boolean {
    const { hash, bytes } = this.#verifier.facts(signed);
    const versions = this.#pending.get(hash);
    if (!versions?.includes(signed)) return false;
    if (versions.length === 1) this.#delete(hash);
    else {
      versions.splice(versions.indexOf(signed), 1);
      this.#versions--;
      this.#bytes -= bytes;
      this.removed++;
    }
    return true;
  }

  #delete(hash: TxHash): void {
    const versions = this.#pending.get(hash);
    const [signed] = versions ?? [];
    if (!versions || !signed) return;
    this.#pending.delete(hash);
    this.#versions -= versions.length;
    this.removed += versions.length;
    const { bytes, takes, blobs } = this.#verifier.facts(signed);
    this.#bytes -= bytes * versions.length;
    for (const blob of blobs) {
      const left = (this.#blobs.get(blob) ?? 0) - 1;
      if (left > 0) this.#blobs.set(blob, left);
      else this.#blobs.delete(blob);
    }
    for (const place of takes) {
      const takers = this.#takers.get(place);
      takers?.delete(hash);
      if (takers?.size === 0) this.#takers.delete(place);
    }
  }

  /** Follows the canonical chain: what left it is pending again, what is in it no longer; what finality ruled out goes. */
  follow(move: HeadMove, tip: ChainState, lib: ChainState): void {
    for (const node of move.added) for (const signed of txsOf(node)) this.#delete(this.#verifier.facts(signed).hash);
    for (const node of move.removed.toReversed()) {
      for (const signed of txsOf(node)) {
        const { hash, takes } = this.#verifier.facts(signed);
        const back =
          !this.#pending.has(hash) && !tip.included.has(hash) && !takes.some((place) => lib.taken.has(place));
        if (back) this.#insert(signed);
      }
    }
    for (const node of move.finalised) for (const signed of txsOf(node)) this.#ruleOut(signed);
  }

  /** Drops what takes the same places as a transaction that is final. */
  #ruleOut(final: SignedTx): void {
    for (const place of this.#verifier.facts(final).takes) {
      const takers = [...(this.#takers.get(place) ?? [])];
      for (const hash of takers) this.#delete(hash);
    }
  }

  /**
   * Chooses the transactions of a block on `state`: in order of arrival, and one that waits for another of them right
   * after it. Transactions whose blobs are not `available` stay.
   */
  select(state: ChainState, available: (blob: BlobId) => boolean): Selection {
    const txs: SignedTx[] = [];
    const waiting = new Map<Place, SignedTx[]>();
    const met = new Set<SignedTx>();
    const chosen = new Set<SignedTx>();
    let { ledger } = state;
    let bytes = 0;
    let removed = 0;
    for (const first of this.pending()) {
      const open = [first];
      for (let signed = open.pop(); signed && txs.length < MAX_BLOCK_TXS; signed = open.pop()) {
        const facts = this.#verifier.facts(signed);
        if (chosen.has(signed) || !facts.blobs.every(available) || bytes + facts.bytes > MAX_BLOCK_BYTES) continue;
        const applied = this.#verifier.rules.apply(ledger, state.taken, signed);
        if (applied.ok) {
          ledger = applied.state;
          chosen.add(signed);
          txs.push(signed);
          bytes += facts.bytes;
          for (const place of facts.makes) open.push(...(waiting.get(place) ?? []));
        } else if (applied.permanent) {
          if (this.#deleteVersion(signed)) removed++;
        } else if (!met.has(signed)) {
          met.add(signed);
          for (const place of facts.takes) {
            const others = waiting.get(place);
            if (others) others.push(signed);
            else waiting.set(place, [signed]);
          }
        }
      }
    }
    return { txs, ledger, removed };
  }
}

function failed(reason: string): Refusal {
  return { status: REFUSALS.failed.status, reason: REFUSALS.failed.text(reason) };
}

function txsOf(node: TreeNode): readonly SignedTx[] {
  return node.block?.txs ?? [];
}

function sameProofs(a: SignedTx, b: SignedTx): boolean {
  if (!equalBytes(a.ledgerProof, b.ledgerProof) || a.opProofs.length !== b.opProofs.length) return false;
  return a.opProofs.every((proof, i) => {
    const other = b.opProofs[i];
    if (proof.type === "none" || other?.type === "none" || !other) return proof.type === other?.type;
    return equalBytes(proof.signature, other.signature);
  });
}
