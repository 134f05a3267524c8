import { type Finding, type Problem } from "./problem.ts";

/** Who decided about which part of a plan, so that a problem can name the line, flag or variable that caused it. */
export class Sources {
  readonly #sites: ReadonlyMap<string, string>;
  readonly #overrides = new Map<string, string>();

  /** @param sites who wrote what in the scenario file, by path */
  constructor(sites: ReadonlyMap<string, string>) {
    this.#sites = sites;
  }

  /** The part at `path` was decided by a flag or a variable. A later call beats an earlier one. */
  override(path: string, by: string): void {
    this.#overrides.set(path, by);
  }

  /** The flag or variable that decided about exactly this part. */
  overrideOf(path: string): string | undefined {
    return this.#overrides.get(path);
  }

  /** The nearest that is known: of the part itself, else of what it is a part of. */
  at(path: string): string | undefined {
    for (let part = path; ; part = part.slice(0, Math.max(0, part.lastIndexOf(".")))) {
      const at = this.#overrides.get(part) ?? this.#sites.get(part);
      if (at !== undefined || part === "") return at;
    }
  }

  locate({ path, ...finding }: Finding): Problem {
    const at = this.at(path);
    return at === undefined ? finding : { ...finding, at };
  }
}
