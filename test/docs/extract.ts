import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** A piece of TypeScript in a page. */
export interface Code {
  /** `docs/faults.md:7`, its first line. */
  readonly at: string;
  readonly text: string;
}

interface Block extends Code {
  /** What its fence calls it, or `indented`. */
  readonly language: string;
}

/** Every page that is for users. */
export function pages(): string[] {
  return ["README.md", ...globSync("docs/*.md", { cwd: ROOT }).toSorted()];
}

/** Fenced and indented blocks of a page. */
function blocksOf(page: string): Block[] {
  const lines = readFileSync(join(ROOT, page), "utf8").split("\n");
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const fence = /^```(\w*)$/.exec(lines[i] ?? "");
    const from = i + 1;
    const taken: string[] = [];
    if (fence) {
      for (i++; i < lines.length && lines[i] !== "```"; i++) taken.push(lines[i] ?? "");
      blocks.push({ at: `${page}:${from + 1}`, text: `${taken.join("\n")}\n`, language: fence[1] || "text" });
    } else if (/^ {4}\S/.test(lines[i] ?? "") && (lines[i - 1] ?? "") === "") {
      for (; /^( {4}|$)/.test(lines[i] ?? "?") && i < lines.length; i++) taken.push((lines[i] ?? "").slice(4));
      blocks.push({ at: `${page}:${from}`, text: `${taken.join("\n").trimEnd()}\n`, language: "indented" });
    }
  }
  return blocks;
}

/** Scenario files that pages show in full: they can be planned as they stand. */
export function wholeScenarios(): Code[] {
  return pages()
    .flatMap(blocksOf)
    .filter(({ language, text }) => language === "ts" && /^export default/m.test(text));
}

/** Calls of a scenario that pages show without it: `.wallets(10)`. */
export function fragments(): Code[] {
  return pages()
    .flatMap(blocksOf)
    .filter(({ language, text }) => (language === "ts" || language === "indented") && /^\s*\.\w+\(/.test(text));
}

/** All other TypeScript of pages. */
export function modules(): Code[] {
  const others = new Set([...wholeScenarios(), ...fragments()].map(({ at }) => at));
  return pages()
    .flatMap(blocksOf)
    .filter(({ language, at }) => language === "ts" && !others.has(at));
}

/** Lines that a reader is to type into a shell, from the program's name on; without what follows a `#`. */
export function commandLines(): Code[] {
  const program = /^(?:nomos-run|scripts\/run|dist\/nomos-run) /;
  const shown = pages()
    .flatMap(blocksOf)
    .filter(({ language }) => ["indented", "sh", "text"].includes(language))
    .flatMap(({ at, text }) => text.split("\n").map((line) => ({ at, text: line.replace(/\s+#.*$| {2,}.*$/, "") })));
  const inline = pages().flatMap((page) =>
    [...readFileSync(join(ROOT, page), "utf8").matchAll(/`(nomos-run [^`]+)`/g)].map(([, text = ""]) => ({
      at: page,
      text,
    })),
  );
  return [...shown, ...inline].filter(({ text }) => program.test(text));
}
