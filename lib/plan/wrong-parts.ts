/** Which parts of a plan are known to be wrong, so that nothing is concluded from them. */
export class WrongParts {
  readonly #paths: Set<string>;

  /** @param paths dotted paths in the plan; workloads, expectations and nodes by name */
  constructor(paths: Iterable<string> = []) {
    this.#paths = new Set(paths);
  }

  add(path: string): void {
    this.#paths.add(path);
  }

  /** Whether nothing is known to be wrong with these parts, what is in them, and what they are in. */
  sound(...parts: readonly string[]): boolean {
    return parts.every((part) => [...this.#paths].every((wrong) => !isWithin(wrong, part) && !isWithin(part, wrong)));
  }
}

function isWithin(path: string, whole: string): boolean {
  return path === whole || path.startsWith(`${whole}.`);
}
