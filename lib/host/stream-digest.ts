import { createHash } from "node:crypto";

/** SHA-256 and count of the lines so far; what seals an event stream. */
export class StreamDigest {
  readonly #hash = createHash("sha256");
  #count = 0;

  /** @param line with its newline */
  update(line: string): void {
    this.#hash.update(line);
    this.#count += 1;
  }

  /** Count and digest of all lines up to now. */
  sealed(): { count: number; sha256: string } {
    return { count: this.#count, sha256: this.#hash.copy().digest("hex") };
  }
}
