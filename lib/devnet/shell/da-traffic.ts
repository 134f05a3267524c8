import type { Message } from "../machine/types.ts";

interface Tally {
  sharesSent: number;
  sharesAcknowledged: number;
  samplesAsked: number;
  samplesGot: number;
}

/** Failure rates towards one peer, 0 to 1. */
export interface FailureRates {
  readonly dispersal: number;
  readonly sampling: number;
}

/** Watches and, where told so, cuts the data-availability messages with each peer. */
export class DaTraffic {
  readonly #blocked = new Set<string>();
  readonly #tallies = new Map<string, Tally>();

  /** Whether the message may pass; counts it if so. */
  sent(to: string, message: Message): boolean {
    if (!isDa(message)) return true;
    if (this.#blocked.has(to)) return false;
    if (message.type === "share") this.#tally(to).sharesSent++;
    if (message.type === "sample-request") this.#tally(to).samplesAsked++;
    return true;
  }

  /** Whether the message may pass; counts it if so. */
  received(from: string, message: Message): boolean {
    if (!isDa(message)) return true;
    if (this.#blocked.has(from)) return false;
    if (message.type === "share-ack") this.#tally(from).sharesAcknowledged++;
    if (message.type === "sample-reply" && message.share !== null) this.#tally(from).samplesGot++;
    return true;
  }

  blocked(): readonly string[] {
    return [...this.#blocked].sort();
  }

  /** Whether it wasn't blocked before. */
  block(peer: string): boolean {
    const changes = !this.#blocked.has(peer);
    this.#blocked.add(peer);
    return changes;
  }

  /** Whether it was blocked before. */
  unblock(peer: string): boolean {
    return this.#blocked.delete(peer);
  }

  /** By peer: shares sent that weren't acknowledged, samples asked for that weren't given. What is under way counts. */
  failureRates(): ReadonlyMap<string, FailureRates> {
    const rates = new Map<string, FailureRates>();
    for (const [peer, tally] of this.#tallies) {
      rates.set(peer, {
        dispersal: missing(tally.sharesAcknowledged, tally.sharesSent),
        sampling: missing(tally.samplesGot, tally.samplesAsked),
      });
    }
    return rates;
  }

  #tally(peer: string): Tally {
    const tally = this.#tallies.get(peer) ?? { sharesSent: 0, sharesAcknowledged: 0, samplesAsked: 0, samplesGot: 0 };
    this.#tallies.set(peer, tally);
    return tally;
  }
}

function missing(got: number, asked: number): number {
  return asked === 0 ? 0 : Math.max(0, asked - got) / asked;
}

function isDa({ type }: Message): boolean {
  return type === "share" || type === "share-ack" || type === "sample-request" || type === "sample-reply";
}
