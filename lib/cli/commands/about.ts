import { RUNTIME } from "../../host/runtime.ts";
import { aboutThis } from "../about.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";

/** Says what this build is and can do. */
export const aboutCommand: CommandDetail = {
  options: [{ flags: "--json", summary: "Print one JSON document, with commands, scenario API and error codes" }],
  examples: [
    ["about", "version, commit, system and runtime"],
    ["about --json", "all that upgrade compares"],
  ],
  async run(args, { output }) {
    // Not imported above: the table of commands names this one.
    const about = await aboutThis((await import("../commands.ts")).COMMANDS);
    output.write(
      args.has("json")
        ? `${JSON.stringify(about, null, 2)}\n`
        : `nomos-run ${about.build}\n${about.system}, ${RUNTIME.name} ${RUNTIME.version}\n`,
    );
    return EXIT.passed;
  },
};
