import { CodedError } from "../core/errors.ts";

/** A place in a source: line and column from 1. */
interface Place {
  readonly line: number;
  readonly column: number;
}

/** What a compiler refuses a file for, with the place and the line itself. */
export function syntaxError(
  path: string,
  source: string,
  message: string,
  place: Place | undefined,
  cause?: unknown,
): CodedError {
  return new CodedError("NR-HOST-SCENARIO-SYNTAX", message, {
    at: place === undefined ? path : `${path}:${place.line}:${place.column}`,
    ...(place === undefined ? {} : { excerpt: excerptOf(source, place) }),
    hint: "Correct the file; an editor with TypeScript marks the place.",
    ...(cause === undefined ? {} : { cause }),
  });
}

/** In marks of Node's stripper a tab is as wide as this many spaces. */
const TAB = "    ";

/** The place in the stack of an error of Node's stripper: `file:///a.ts:3`, lines of the source, and one with carets. */
export function placeOfStripper(stack: string, source: string): Place | undefined {
  const line = Number(/:(\d+)\n/.exec(stack)?.[1] ?? Number.NaN);
  if (Number.isNaN(line)) return undefined;
  const mark = /^ *\^+ *$/m.exec(stack)?.[0].indexOf("^") ?? 0;
  const text = source.split("\n")[line - 1] ?? "";
  const isBefore = (end: number) => text.slice(0, end).replaceAll("\t", TAB).length <= mark;
  let column = 1;
  while (column <= text.length && isBefore(column)) column += 1;
  return { line, column };
}

/** The place and message of the first error that esbuild prints. */
export function firstOfEsbuild(stderr: string, source: string): { message: string; place: Place | undefined } {
  const [, message = stderr.trim()] = /\[ERROR\] (.+)/.exec(stderr) ?? [];
  const found = /^ {4}.+?:(\d+):(\d+):$/m.exec(stderr);
  if (!found) return { message, place: undefined };
  const line = Number(found[1]);
  // Its columns are bytes, from 0.
  const before = Buffer.from(source.split("\n")[line - 1] ?? "").subarray(0, Number(found[2]));
  return { message, place: { line, column: before.toString().length + 1 } };
}

function excerptOf(source: string, { line, column }: Place): string {
  const text = (source.split("\n")[line - 1] ?? "").replace(/\r$/, "");
  const margin = " ".repeat(String(line).length);
  // Tabs stay tabs, so that the mark is below its place whatever their width.
  const indent = text.slice(0, column - 1).replaceAll(/[^\t]/g, " ");
  return `${line} | ${text}\n${margin} | ${indent}^`;
}
