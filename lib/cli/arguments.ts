import { parseArgs } from "node:util";
import { CodedError } from "../core/errors.ts";
import { theNearest } from "../plan/nearest.ts";
import { COMMON_OPTIONS, type Command, type OptionSpec } from "./command.ts";

/** What was written after a command's name. */
export interface Arguments {
  readonly positionals: readonly string[];
  /** Whether this flag was given, by its long name. */
  has(name: string): boolean;
  /** The flag's value, exactly as it was written. */
  value(name: string): string | undefined;
  /** All values of a repeatable flag, in order. */
  values(name: string): readonly string[];
  /** Flags that the command itself doesn't have, of one that takes others. */
  readonly others: readonly OtherFlag[];
}

/** A flag that only what the command is given may know. */
export interface OtherFlag {
  readonly name: string;
  /** `yes` for a flag that stands alone. */
  readonly value: string;
  /** The error for when nobody knows it. @param more names of flags that there are beside the command's own */
  unknown(more: readonly string[]): CodedError;
}

interface Flag {
  readonly long: string;
  readonly short: string | undefined;
  readonly takes: string | undefined;
  readonly spec: OptionSpec;
}

/**
 * Reads a command's arguments. Values stay text: a parser that turns `--seed 007` into the number 7 would run another
 * test than the one that was asked for.
 * @throws CodedError NR-CLI-OPTION or NR-CLI-ARGUMENT for the first thing that the command doesn't take
 */
export function readArguments(command: Command, argv: readonly string[]): Arguments {
  const flags = [...command.options, ...COMMON_OPTIONS].map(readFlag);
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(
      flags.map(({ long, short, takes }) => [
        long,
        { type: takes === undefined ? "boolean" : "string", ...(short === undefined ? {} : { short }) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });

  const positionals: string[] = [];
  const given = new Map<string, string[]>();
  const others: OtherFlag[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = flags.find(({ long }) => long === token.name);
    if (!flag) {
      const unknown = (more: readonly string[]) => unknownOption(command, token.rawName, flags, more);
      if (!command.takesOthers || !token.rawName.startsWith("--")) throw unknown([]);
      others.push({ name: token.name, value: token.value ?? "yes", unknown });
      continue;
    }
    const value = valueOf(flag, token);
    const values = given.get(flag.long) ?? [];
    if (values.length > 0 && !flag.spec.repeatable) {
      throw refused(`--${flag.long} is given twice`, "Give it once.");
    }
    given.set(flag.long, [...values, value]);
  }
  if (!given.has("help")) checkPositionals(command, positionals);
  return {
    positionals,
    has: (name) => given.has(name),
    value: (name) => given.get(name)?.[0],
    values: (name) => given.get(name) ?? [],
    others,
  };
}

/** Reads `-f, --follow` or `--seed <text>`. */
export function readFlag(spec: OptionSpec): Flag {
  return {
    long: /--([\w-]+)/.exec(spec.flags)?.[1] ?? "",
    short: /(?:^|\s)-(\w)\b/.exec(spec.flags)?.[1],
    takes: /<(.+)>/.exec(spec.flags)?.[1],
    spec,
  };
}

function valueOf(
  flag: Flag,
  token: { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
) {
  if (flag.takes === undefined) {
    if (token.value === undefined) return "";
    throw refused(`${token.rawName} takes no value, but was given ${JSON.stringify(token.value)}`, "Leave it away.");
  }
  const { value } = token;
  const another = !token.inlineValue && value !== undefined && /^-./.test(value);
  if (value === undefined || value === "" || another) {
    const hint = another ? `, or ${token.rawName}=${value} if the value begins with a dash` : "";
    throw refused(`${token.rawName} needs a value`, `Write ${token.rawName} <${flag.takes}>${hint}.`);
  }
  return value;
}

function unknownOption(command: Command, written: string, flags: readonly Flag[], more: readonly string[]): CodedError {
  const own = flags.flatMap(({ long, short }) => [`--${long}`, ...(short === undefined ? [] : [`-${short}`])]);
  const names = [...own, ...more.map((name) => `--${name}`)];
  return refused(
    `\`nomos-run ${command.name}\` has no option ${written}`,
    `${theNearest(written, names)}\`nomos-run ${command.name} --help\` lists all.`,
  );
}

function checkPositionals(command: Command, positionals: readonly string[]): void {
  const parameters = command.parameters.split(" ").filter((parameter) => parameter !== "");
  const required = parameters.filter((parameter) => parameter.startsWith("<"));
  const most = parameters.some((parameter) => parameter.includes("...")) ? Number.POSITIVE_INFINITY : parameters.length;
  const usage = `Write: nomos-run ${command.name} ${command.parameters}`.trimEnd();
  if (positionals.length < required.length) {
    const missing = required[positionals.length];
    throw new CodedError("NR-CLI-ARGUMENT", `${missing} is missing`, { hint: usage });
  }
  if (positionals.length > most) {
    const extra = positionals.slice(most).map((each) => JSON.stringify(each));
    throw new CodedError("NR-CLI-ARGUMENT", `\`nomos-run ${command.name}\` doesn't take ${extra.join(", ")}`, {
      hint: usage,
    });
  }
}

function refused(message: string, hint: string): CodedError {
  return new CodedError("NR-CLI-OPTION", message, { hint });
}
