import type { Clock } from "../../../core/clock.ts";

export interface RateLimitSettings {
  /** Requests that a client address may make at once. */
  readonly burst: number;
  /** Requests a second that it gets back. */
  readonly perSecond: number;
}

/** A token bucket for each client address. */
export class RateLimit {
  readonly #settings: RateLimitSettings;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(settings: RateLimitSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /** Takes one token; returns 0, or the whole seconds until there is one. */
  take(address: string): number {
    const { burst, perSecond } = this.#settings;
    const now = this.#clock.now();
    const bucket = this.#buckets.get(address) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    const allowed = tokens >= 1;
    this.#buckets.set(address, { tokens: allowed ? tokens - 1 : tokens, at: now });
    return allowed ? 0 : Math.ceil((1 - tokens) / perSecond);
  }
}
