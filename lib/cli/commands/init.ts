import { writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { CodedError, systemCode } from "../../core/errors.ts";
import { DECLARATIONS_FOLDER, writeDeclarations } from "../../host/declarations.ts";
import { writeError } from "../../host/disk-errors.ts";
import { makeFolder } from "../../host/make-folder.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { STARTER, STARTER_NAME, TSCONFIG } from "../kit/starter.ts";

/** Makes a folder in which scenarios can be written. */
export const initCommand: CommandDetail = {
  options: [],
  examples: [
    ["init", "in this folder: a scenario to start from, and what an editor needs"],
    ["init tests/network", "in another, which is made if it isn't there"],
  ],
  async run(args, { output, folder }) {
    const written = args.positionals[0] ?? ".";
    const target = resolve(folder, written);
    await makeFolder(target).catch((error: unknown) => {
      if (systemCode(error) !== "EEXIST" && systemCode(error) !== "ENOTDIR") throw writeError(target, error, "file");
      throw new CodedError("NR-CLI-VALUE", `${written} is a file`, { hint: "Name a folder, or one that isn't there." });
    });
    const shown = (name: string) => relative(folder, join(target, name));
    for (const [name, content] of [
      [STARTER_NAME, STARTER],
      ["tsconfig.json", TSCONFIG],
    ] as const) {
      const made = await writeNew(join(target, name), content);
      output.write(made ? `wrote ${shown(name)}\n` : `kept  ${shown(name)}, which was there\n`);
      if (!made && name === "tsconfig.json") output.write(TSCONFIG_ADVICE);
    }
    const count = await writeDeclarations(target);
    output.write(`wrote ${shown(DECLARATIONS_FOLDER)}: ${count} files of type declarations\n\n`);
    output.write(`Next: nomos-run plan ${shown(STARTER_NAME)}\n      nomos-run ${shown(STARTER_NAME)}\n`);
    return EXIT.passed;
  },
};

const TSCONFIG_ADVICE = `      for an editor to find nomos-run, it needs in its compilerOptions:
        "paths": { "nomos-run": ["./${DECLARATIONS_FOLDER}/nomos-run/lib/index.d.ts"] }
        "typeRoots": ["./${DECLARATIONS_FOLDER}/@types"]
`;

/** Writes a file that isn't there yet. Resolves with whether it did. */
async function writeNew(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: "wx" });
    return true;
  } catch (error) {
    if (systemCode(error) === "EEXIST") return false;
    throw writeError(path, error, "file");
  }
}
