import { type Random, randomStream } from "../../core/random.ts";
import type { SentUnder } from "../../model/conditions.ts";

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
  /** What is done to what a node sends, by direction, on top of the link's model. */
  readonly #imposed = new Map<string, SentUnder>();
  /** When the last message of each direction under a condition arrives: none overtakes it. */
  readonly #lastArrival = new Map<string, number>();
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

  /** Replaces what is done to everything that a node sends, by peer: peers not named have clear links. */
  impose(from: string, conditions: Readonly<Record<string, SentUnder>>): void {
    for (const key of [...this.#imposed.keys()].filter((one) => one.startsWith(direction(from, "")))) {
      this.#imposed.delete(key);
      this.#lastArrival.delete(key);
    }
    for (const [to, condition] of Object.entries(conditions)) this.#imposed.set(direction(from, to), condition);
  }

  /** What is done to everything that a node sends, by peer. */
  imposedOn(from: string): Readonly<Record<string, SentUnder>> {
    const prefix = direction(from, "");
    const own = [...this.#imposed].filter(([key]) => key.startsWith(prefix));
    return Object.fromEntries(own.map(([key, condition]) => [key.slice(prefix.length), condition]));
  }

  /** Whether there can be a connection between the two. */
  isOpen(a: string, b: string): boolean {
    if (this.#groups !== null && this.#groups.get(a) !== this.#groups.get(b)) return false;
    if (this.#imposed.size === 0) return true;
    return !this.#imposed.get(direction(a, b))?.blocked && !this.#imposed.get(direction(b, a))?.blocked;
  }

  /**
   * When a message that is sent now arrives, in ms; undefined when it is lost.
   * @param now what the clock shows
   */
  arrival(from: string, to: string, now: number): number | undefined {
    const key = direction(from, to);
    const imposed = this.#imposed.size === 0 ? undefined : this.#imposed.get(key);
    const travel = this.#travel(from, to, key, imposed);
    if (travel === undefined) return undefined;
    if (imposed === undefined) return now + travel;
    const arrival = Math.max(now + travel, this.#lastArrival.get(key) ?? 0);
    this.#lastArrival.set(key, arrival);
    return arrival;
  }

  #travel(from: string, to: string, key: string, imposed?: LinkModel): number | undefined {
    const model = this.#own.get(key) ?? this.common;
    const { delayMs, jitterMs, loss } = imposed ? worse(model, imposed) : model;
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

/** Both at once: times add up, a message must survive both losses. */
function worse(a: LinkModel, b: LinkModel): LinkModel {
  return {
    delayMs: a.delayMs + b.delayMs,
    jitterMs: a.jitterMs + b.jitterMs,
    loss: 1 - (1 - a.loss) * (1 - b.loss),
  };
}

function direction(from: string, to: string): string {
  return `${from}>${to}`;
}
