import { CodedError } from "../core/errors.ts";

/** Characters that mean something to a shell. `=` does in the first word only, and is looked for there. */
const SHELL_ONLY = /[|&;<>()$`"\\*?[\]{}#~!\n]/;

/** Quotes a word for POSIX shells; what needs no quotes stays as it is. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Splits a command into its program and arguments, where no shell is there to do so. Words are parted by blanks; single
 * quotes keep what is in them, as {@link quoteWord} writes them.
 * @throws CodedError NR-HOST-NO-SHELL for whatever only a shell could do
 */
export function commandWords(command: string): readonly string[] {
  const words: string[] = [];
  // A word is a row of quoted parts, quotes that were escaped, and plain parts.
  for (const [raw] of command.matchAll(/(?:'[^']*'|\\'|[^\s'])+|'/g)) {
    const plain = raw.replaceAll(/'[^']*'|\\'/g, "");
    if (raw === "'" || SHELL_ONLY.test(plain) || (words.length === 0 && /^\w+=/.test(plain)))
      throw needsShell(command, raw);
    words.push(raw.replaceAll(/'([^']*)'|\\(')/g, "$1$2"));
  }
  if (words.length === 0) throw needsShell(command, "an empty command");
  return words;
}

function needsShell(command: string, what: string): CodedError {
  return new CodedError("NR-HOST-NO-SHELL", `there is neither bash nor sh here, and only a shell understands ${what}`, {
    at: command.trim(),
    hint: "Write one program with its arguments, ${...} for those that vary, or install a shell.",
  });
}
