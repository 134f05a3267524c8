/**
 * A comment that maps each line of a file's code to the same line of its source, for a runtime that would else take a map
 * of its own: Deno maps places in a .ts file by what it would have compiled itself, whatever a loader hook gave it.
 * Columns become those of the line's start.
 */
export function sameLinesMap(url: string, code: string): string {
  const lines = code.split("\n").length;
  // Each segment is relative to the one before: column 0 of the only source, first its first line, then always the next.
  const mappings = ["AAAA", ...Array.from({ length: lines - 1 }, () => "AACA")].join(";");
  const map = { version: 3, sources: [url], names: [], mappings };
  return `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;
}
