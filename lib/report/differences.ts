/** A place where two documents differ. */
export interface Difference {
  /** Dotted path; elements of lists by name, or by position where they have none. */
  readonly path: string;
  /** Undefined where the document has nothing there. */
  readonly before: unknown;
  readonly after: unknown;
}

/** Every single field in which two JSON documents differ, in the order of the first and then of the second. */
export function documentDifferences(before: unknown, after: unknown): Difference[] {
  const a = leaves(before);
  const b = leaves(after);
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((path) => a.get(path) !== b.get(path))
    .map((path) => ({ path, before: a.get(path), after: b.get(path) }));
}

function leaves(document: unknown): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const visit = (value: unknown, path: string) => {
    if (typeof value !== "object" || value === null) {
      found.set(path, value);
      return;
    }
    for (const [key, part] of Object.entries(value)) {
      const step = Array.isArray(value) ? (nameOf(part) ?? key) : key;
      visit(part, path === "" ? step : `${path}.${step}`);
    }
  };
  visit(document, "");
  return found;
}

function nameOf(element: unknown): string | undefined {
  const name = typeof element === "object" && element !== null ? (element as { name?: unknown }).name : undefined;
  return typeof name === "string" ? name : undefined;
}
