import type { BlobId, DaParams, Share } from "../../chain/types.ts";
import { randomStream } from "../../core/random.ts";
import type { Outbox } from "./outbox.ts";
import type { Shares } from "./shares.ts";

/** Slots within which a member answers before the next is asked. */
const ANSWER_SLOTS = 1;
/** Slots to wait when no member had the share; doubled each time up to the second figure. */
const PAUSE_SLOTS = { first: 1, most: 16 } as const;
const LOG = "da::sampling";

/** The search for one share of a blob. */
interface Search {
  readonly index: number;
  /** Members of its subnetwork in the order in which they are asked. */
  readonly holders: readonly string[];
  /** How many of them were asked in this round. */
  asked: number;
  pauseSlots: number;
  deadline: number;
  found: boolean;
}

export interface SamplerParts {
  /** This node's name. */
  readonly name: string;
  readonly da: DaParams;
  readonly slotMs: number;
  readonly outbox: Outbox;
  readonly shares: Shares;
  /** Whether a pending transaction or held block still waits for the blob. */
  readonly isWanted: (blob: BlobId) => boolean;
  readonly now: () => number;
}

/**
 * Convinces this node that blobs are available: for each it asks members of a few subnetworks for their share and
 * verifies it. Which subnetworks follows from the node's name and the blob's id.
 */
export class Sampler {
  readonly #parts: SamplerParts;
  readonly #sampled: Set<BlobId>;
  readonly #open = new Map<BlobId, Search[]>();
  #deadline = Number.POSITIVE_INFINITY;
  /** Shares that were sound, and answers that were not or did not come. */
  verified = 0;
  failed = 0;

  constructor(parts: SamplerParts, sampled: readonly BlobId[]) {
    this.#parts = parts;
    this.#sampled = new Set(sampled);
  }

  isSampled(blob: BlobId): boolean {
    return this.#sampled.has(blob);
  }

  /** When {@link expire} must be called at the latest. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Starts to sample a blob unless that is done or under way. */
  request(blob: BlobId): void {
    if (this.#sampled.has(blob) || this.#open.has(blob)) return;
    const { name, da } = this.#parts;
    const random = randomStream(blob, "sampling", name);
    const searches = random
      .shuffle(da.members.map((_, index) => index))
      .slice(0, da.samples)
      .map((index): Search => {
        const others = random.shuffle((da.members[index] ?? []).filter((member) => member !== name));
        return { index, holders: others, asked: 0, pauseSlots: PAUSE_SLOTS.first, deadline: 0, found: false };
      });
    this.#open.set(blob, searches);
    for (const search of searches) this.#ask(blob, search);
    this.#settle(blob);
  }

  /** Looks at home, then asks the next holder; after the last it pauses. */
  #ask(blob: BlobId, search: Search): void {
    const { outbox, shares, slotMs } = this.#parts;
    const now = this.#parts.now();
    if (shares.get(blob, search.index)) {
      search.found = true;
      return;
    }
    const holder = search.holders[search.asked];
    if (holder === undefined) {
      search.asked = 0;
      search.deadline = now + search.pauseSlots * slotMs;
      search.pauseSlots = Math.min(2 * search.pauseSlots, PAUSE_SLOTS.most);
    } else {
      search.asked++;
      search.deadline = now + ANSWER_SLOTS * slotMs;
      outbox.send(holder, { type: "sample-request", blob, index: search.index });
    }
    this.#deadline = Math.min(this.#deadline, search.deadline);
  }

  /** Takes an answer; true if with it the blob is sampled. */
  replied(from: string, blob: BlobId, index: number, share: Share | null): boolean {
    const search = this.#open.get(blob)?.find((one) => one.index === index && !one.found);
    if (!search || search.holders[search.asked - 1] !== from) return false;
    const good = share !== null && share.blob === blob && share.index === index && this.#parts.shares.isSound(share);
    if (good) {
      this.verified++;
      search.found = true;
    } else {
      this.#miss(blob, search, from, share === null ? "does not have it" : "sent one that is not sound");
    }
    return this.#settle(blob);
  }

  #miss(blob: BlobId, search: Search, holder: string, what: string): void {
    this.failed++;
    this.#parts.outbox.log("WARN", LOG, `share ${search.index} of blob 0x${blob}: ${holder} ${what}`);
    this.#ask(blob, search);
  }

  /** Ends the sampling of a blob whose shares are all found; true if so. */
  #settle(blob: BlobId): boolean {
    if (!this.#open.get(blob)?.every((search) => search.found)) return false;
    this.#open.delete(blob);
    this.#sampled.add(blob);
    this.#parts.outbox.persist({ type: "sampled", blob });
    this.#parts.outbox.log("INFO", LOG, `blob 0x${blob} has been successfully sampled`);
    return true;
  }

  /** Asks the next holders for what is overdue; true if a blob became sampled. */
  expire(): boolean {
    const now = this.#parts.now();
    if (now < this.#deadline) return false;
    this.#deadline = Number.POSITIVE_INFINITY;
    let sampled = false;
    const open = [...this.#open];
    for (const [blob, searches] of open) {
      for (const search of searches) {
        if (search.found) continue;
        if (now < search.deadline) this.#deadline = Math.min(this.#deadline, search.deadline);
        else this.#overdue(blob, search);
      }
      if (this.#settle(blob)) sampled = true;
      else if (!this.#parts.isWanted(blob)) this.#open.delete(blob);
    }
    return sampled;
  }

  #overdue(blob: BlobId, search: Search): void {
    const holder = search.holders[search.asked - 1];
    if (holder === undefined) this.#ask(blob, search);
    else this.#miss(blob, search, holder, "did not answer");
  }
}
