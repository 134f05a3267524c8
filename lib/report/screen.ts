import { styleText } from "node:util";

/** Where a reporter writes. */
export interface Screen {
  write(text: string): void;
  /** Width in characters, as it is now. */
  columns(): number;
  /** Whether colours are wanted. */
  readonly color: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** Colours text when the screen wants colours. */
export type Paint = (style: Style, text: string) => string;

export function paintFor(screen: Pick<Screen, "color">): Paint {
  return screen.color ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

/** Cuts a plain line to at most `columns` characters, marking what was lost. */
export function fit(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}

/** Breaks a sentence into lines of at most `columns` characters at its spaces, each after `indent`. */
export function wrap(text: string, columns: number, indent: string): string {
  const width = Math.max(20, columns - indent.length);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each) => indent + each).join("\n");
}
