/** Variables beside those of planning that the command line reads, by customs that are not ours. */
export const OTHER_VARIABLES: readonly { readonly name: string; readonly meaning: string }[] = [
  { name: "NO_COLOR", meaning: "no colours, when it is not empty (no-color.org)" },
  { name: "FORCE_COLOR", meaning: "colours also where no terminal is, when it is not empty" },
  { name: "TERM", meaning: "no colours when it is dumb" },
  { name: "XDG_CACHE_HOME", meaning: "compiled scenarios are kept in its nomos-run folder ($HOME/.cache)" },
  { name: "HOME", meaning: "its .cache/nomos-run keeps compiled scenarios" },
  { name: "GITHUB_STEP_SUMMARY", meaning: "file that --reporter github appends its table to" },
  { name: "GITHUB_WORKSPACE", meaning: "folder that --reporter github names files relative to" },
];
