import type { HeaderId } from "../../chain/types.ts";

/** A block that can't be reverted any more. */
export interface FinalBlock {
  readonly id: HeaderId;
  readonly height: number;
}

/** Hands every block that becomes final to all who listen at that time. */
export class FinalBlocks {
  readonly #listeners = new Set<(blocks: readonly FinalBlock[]) => void>();

  publish(blocks: readonly FinalBlock[]): void {
    for (const listener of this.#listeners) listener(blocks);
  }

  /** Blocks from now on, until the reader stops. */
  subscribe(): AsyncIterableIterator<FinalBlock> {
    const ready: FinalBlock[] = [];
    let wanted: ((result: IteratorResult<FinalBlock>) => void) | null = null;
    let ended = false;
    const listener = (blocks: readonly FinalBlock[]) => {
      ready.push(...blocks);
      const first = wanted === null ? undefined : ready.shift();
      if (first === undefined) return;
      wanted?.({ done: false, value: first });
      wanted = null;
    };
    this.#listeners.add(listener);
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: () =>
        new Promise((resolve) => {
          const first = ready.shift();
          if (first !== undefined) resolve({ done: false, value: first });
          else if (ended) resolve({ done: true, value: undefined });
          else wanted = resolve;
        }),
      return: () => {
        ended = true;
        this.#listeners.delete(listener);
        wanted?.({ done: true, value: undefined });
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}
