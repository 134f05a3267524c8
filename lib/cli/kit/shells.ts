/** A command, as far as completing it goes. */
export interface Completion {
  readonly name: string;
  readonly summary: string;
  /** Whether its arguments are files; else they are names that no shell knows. */
  readonly takesFiles: boolean;
  readonly flags: readonly {
    readonly long: string;
    readonly short: string | undefined;
    readonly takesValue: boolean;
    readonly summary: string;
  }[];
}

/** Scripts that make a shell complete command lines, by the shell. */
export const SHELLS: ReadonlyMap<string, (commands: readonly Completion[]) => string> = new Map([
  ["bash", bash],
  ["zsh", zsh],
  ["fish", fish],
]);

/** A word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function words({ flags }: Completion): string {
  return flags
    .flatMap(({ long, short }) => (short === undefined ? [`--${long}`] : [`--${long}`, `-${short}`]))
    .join(" ");
}

function bash(commands: readonly Completion[]): string {
  const names = commands.map(({ name }) => name).join(" ");
  const cases = commands.map((command) => `    ${command.name}) flags='${words(command)}' ;;`);
  const valued = commands.flatMap(({ flags }) => flags.filter(({ takesValue }) => takesValue));
  const takers = [...new Set(valued.flatMap(({ long, short }) => [`--${long}`, ...(short ? [`-${short}`] : [])]))];
  return `# bash completion of nomos-run
_nomos_run() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} flags
  COMPREPLY=()
  case \${COMP_WORDS[1]} in
${cases.join("\n")}
    *) flags='${words(commandOf(commands, "run"))} --version' ;;
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
    return
  fi
  case $before in
    ${takers.join("|")}) compopt -o default; return ;;
  esac
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${names}' -- "$word"))
  fi
  compopt -o filenames
  local IFS=$'\\n'
  COMPREPLY+=($(compgen -d -- "$word") $(compgen -f -X '!*.scenario.ts' -- "$word"))
}
complete -F _nomos_run nomos-run
`;
}

function zsh(commands: readonly Completion[]): string {
  const described = (text: string) => text.replaceAll(/([\\[\]:])/g, "\\$1");
  const listed = commands.map(({ name, summary }) => `    ${quoted(`${name}:${described(summary)}`)}`);
  const specs = ({ flags, takesFiles }: Completion) =>
    [
      ...flags.flatMap(({ long, short, takesValue, summary }) =>
        [`--${long}`, ...(short === undefined ? [] : [`-${short}`])].map((flag) =>
          quoted(`*${flag}[${described(summary)}]${takesValue ? ":value:_default" : ""}`),
        ),
      ),
      takesFiles ? `'*:file:_files'` : `'*: :'`,
    ].join(" ");
  const cases = commands.map((command) => `    ${command.name}) _arguments ${specs(command)} ;;`);
  return `#compdef nomos-run
# zsh completion of nomos-run
_nomos_run() {
  local -a commands
  commands=(
${listed.join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    _files -g '*.scenario.ts'
    return
  fi
  shift words
  ((CURRENT--))
  case $words[1] in
${cases.join("\n")}
    *) _arguments ${specs(commandOf(commands, "run"))} ;;
  esac
}
if [ "$funcstack[1]" = "_nomos-run" ]; then _nomos_run "$@"; else compdef _nomos_run nomos-run; fi
`;
}

function fish(commands: readonly Completion[]): string {
  const lines = commands.flatMap(({ name, summary, takesFiles, flags }) => [
    `complete -c nomos-run -n __fish_use_subcommand -a ${quoted(name)} -d ${quoted(summary)}`,
    ...(takesFiles ? [] : [`complete -c nomos-run -n '__fish_seen_subcommand_from ${name}' -f`]),
    ...flags.map(({ long, short, takesValue, summary: what }) =>
      [
        `complete -c nomos-run -n '__fish_seen_subcommand_from ${name}' -l ${long}`,
        ...(short === undefined ? [] : [`-s ${short}`]),
        ...(takesValue ? ["-r"] : []),
        `-d ${quoted(what)}`,
      ].join(" "),
    ),
  ]);
  return `# fish completion of nomos-run\n${lines.join("\n")}\n`;
}

function commandOf(commands: readonly Completion[], wanted: string): Completion {
  return commands.find(({ name }) => name === wanted) ?? { name: wanted, summary: "", takesFiles: true, flags: [] };
}
