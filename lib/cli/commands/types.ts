import { statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { CodedError } from "../../core/errors.ts";
import { DECLARATIONS_FOLDER, writeDeclarations } from "../../host/declarations.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";

/** Refreshes what `init` wrote for editors, after the program has changed. */
export const typesCommand: CommandDetail = {
  options: [],
  examples: [
    ["types", "in this folder"],
    ["types tests/network", "in another"],
  ],
  async run(args, { output, folder }) {
    const written = args.positionals[0] ?? ".";
    const target = resolve(folder, written);
    if (!statSync(target, { throwIfNoEntry: false })?.isDirectory()) {
      throw new CodedError("NR-CLI-VALUE", `there is no folder ${written}`, { hint: "nomos-run init makes one." });
    }
    const count = await writeDeclarations(target);
    output.write(`wrote ${relative(folder, join(target, DECLARATIONS_FOLDER))}: ${count} files of type declarations\n`);
    return EXIT.passed;
  },
};
