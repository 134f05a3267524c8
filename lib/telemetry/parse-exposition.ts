import type { MetricSample } from "./exposition.ts";

/** One sample with its metric's name. */
export interface NamedSample extends MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"\s*(?:,|$)/y;
const VALUES: Readonly<Record<string, number>> = { "+Inf": Number.POSITIVE_INFINITY, "-Inf": Number.NEGATIVE_INFINITY };
const ESCAPES: Readonly<Record<string, string>> = { "\\n": "\n", '\\"': '"', "\\\\": "\\" };

/** The samples of a Prometheus text exposition, version 0.0.4. Comments are left out, and so is what is no sample. */
export function parseExposition(text: string): readonly NamedSample[] {
  return text.split("\n").flatMap((line) => {
    const match = LINE.exec(line.trim());
    const [, name = "", labels = "", value = ""] = match ?? [];
    if (!match || line.startsWith("#")) return [];
    return [{ name, labels: parseLabels(labels), value: VALUES[value] ?? Number(value) }];
  });
}

/** A metric by its name, and labels where it is to have some: `http_responses_total{status="500"}`. */
export function parseSelector(text: string): Pick<NamedSample, "name" | "labels"> | null {
  return parseExposition(`${text} 0`)[0] ?? null;
}

function parseLabels(text: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.length; ) {
    const match = LABEL.exec(text);
    if (!match) break;
    labels[match[1] ?? ""] = (match[2] ?? "").replace(/\\[n"\\]/g, (escape) => ESCAPES[escape] ?? escape);
  }
  return labels;
}
