/** Runs a command line; resolves with the exit code. */
export async function main(argv: string[]): Promise<number> {
  if (argv[0] === "--version") {
    console.log("nomos-run");
    return 0;
  }
  console.error(`unknown command ${argv[0] ?? ""}`);
  return 64;
}
