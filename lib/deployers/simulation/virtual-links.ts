import { type Random, randomStream } from "../../core/random.ts";

/** How a link treats a message. */
export interface LinkModel {
  /** Least time under way, in ms. */
  readonly delayMs: number;
  /** Additional time under way, uniform up to this, in ms; messages may overtake one another. */
  readonly jitterMs: number;
  /** Probability that a message is lost. */
  readonly loss: number;
}

/** The links of a network: what they do to messages, and who can't reach whom. Each direction has chance of its own. */
export class VirtualLinks {
  readonly #seed: string;
  /** Model of the links that have none of their own. */
  common: LinkModel;
  readonly #own = new Map<string, LinkModel>();
  readonly #chance = new Map<string, Random>();
  /** Group of each node while the network is partitioned; nodes without one are a group of their own. */
  #groups: ReadonlyMap<string, number> | null = null;

  constructor(seed: string, common: LinkModel) {
    this.#seed = seed;
    this.common = common;
  }

  /** Gives both directions between two nodes a model of their own. */
  set(a: string, b: string, model: LinkModel): void {
    this.#own.set(direction(a, b), model);
    this.#own.set(direction(b, a), model);
  }

  /** Lets nodes only reach those of their own group. */
  partition(groups: readonly (readonly string[])[]): void {
    this.#groups = new Map(groups.flatMap((group, index) => group.map((name) => [name, index] as const)));
  }

  /** Ends the partition. */
  heal(): void {
    this.#groups = null;
  }

  /** Whether messages between the two arrive at all. */
  isOpen(a: string, b: string): boolean {
    return this.#groups === null || this.#groups.get(a) === this.#groups.get(b);
  }

  /** Time that a message is under way, in ms; undefined when it is lost. */
  travel(from: string, to: string): number | undefined {
    const key = direction(from, to);
    const { delayMs, jitterMs, loss } = this.#own.get(key) ?? this.common;
    if (loss === 0 && jitterMs === 0) return delayMs;
    let chance = this.#chance.get(key);
    if (!chance) {
      chance = randomStream(this.#seed, "link", from, to);
      this.#chance.set(key, chance);
    }
    const lost = loss > 0 && chance.float() < loss;
    const delay = delayMs + chance.float() * jitterMs;
    return lost ? undefined : delay;
  }
}

function direction(from: string, to: string): string {
  return `${from}>${to}`;
}
