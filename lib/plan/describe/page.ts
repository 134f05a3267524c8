/** Widest line of a described plan. */
const COLUMNS = 110;

/** A page of aligned entries: a title, a column of labels, and text that wraps beside them. */
export class Page {
  readonly #lines: string[] = [];

  /** Text over the whole width. */
  line(text = ""): this {
    this.#lines.push(text);
    return this;
  }

  /** A heading with entries below it; nothing at all when there are none. */
  section(title: string, entries: readonly Entry[]): this {
    if (entries.length === 0) return this;
    this.line().line(title);
    const width = Math.max(...entries.map(([label]) => label.length));
    for (const [label, texts] of entries) this.#entry(label.padEnd(width), texts);
    return this;
  }

  text(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  #entry(label: string, texts: readonly string[]): void {
    const margin = " ".repeat(label.length + 4);
    const lines = texts.flatMap((text) => wrap(text, COLUMNS - margin.length));
    for (const [i, line] of lines.entries()) this.line(i === 0 ? `  ${label}  ${line}` : `${margin}${line}`);
  }
}

/** A label and its text: each string begins on a line of its own. */
export type Entry = readonly [label: string, texts: readonly string[]];

/** Breaks text between words, so that no line is longer than `columns` unless a word is. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
