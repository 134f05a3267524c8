import { existsSync } from "node:fs";
import { basename, relative, resolve } from "node:path";
import { CodedError } from "../../core/errors.ts";
import { packScenario } from "../../host/scenario-bundle.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { BUNDLE_ENDING } from "../kit/bundle-ending.ts";
import { cacheFolder, loadPlan } from "../load-plans.ts";

/** Packs a scenario for another tester. */
export const bundleCommand: CommandDetail = {
  options: [
    {
      flags: "--asset <path>",
      summary: "A file or folder that the scenario reads, to be packed too",
      repeatable: true,
    },
    { flags: "--to <file>", summary: `The archive; NAME${BUNDLE_ENDING} in this folder by default` },
  ],
  examples: [
    ["bundle chaos.scenario.ts", "with all that it imports, into chaos.scenario.tgz"],
    ["bundle chaos.scenario.ts --asset data/", "and a folder that it reads"],
    ["run chaos.scenario.tgz", "what the other tester does with it"],
  ],
  async run(args, world) {
    const { output, folder, env } = world;
    const [written = ""] = args.positionals;
    // What can't be loaded is refused here and not by whoever gets it.
    const { path } = await loadPlan(written, world);
    const assets = args.values("asset").map((asset) => resolve(folder, asset));
    const absent = assets.find((asset) => !existsSync(asset));
    if (absent !== undefined) {
      throw new CodedError(
        "NR-CLI-VALUE",
        `--asset can't be ${JSON.stringify(relative(folder, absent))}: it isn't there`,
        {
          hint: "Name a file or folder.",
        },
      );
    }
    const name = basename(path).replace(/(\.scenario)?\.m?[jt]s$/, "");
    const out = resolve(folder, args.value("to") ?? `${name}${BUNDLE_ENDING}`);
    if (!out.endsWith(BUNDLE_ENDING)) {
      throw new CodedError("NR-CLI-VALUE", `--to can't be ${JSON.stringify(args.value("to"))}`, {
        hint: `Its name ends in ${BUNDLE_ENDING}, by which a packed scenario is known.`,
      });
    }
    if (existsSync(out)) {
      throw new CodedError("NR-CLI-VALUE", `${relative(folder, out)} exists, so it is left as it is`, {
        hint: "Delete it, or name another with --to.",
      });
    }
    const packed = await packScenario({ path, assets, out, cacheFolder: cacheFolder(env) });
    output.write(`wrote ${relative(folder, out)}:\n${packed.map((each) => `  ${each}\n`).join("")}`);
    return EXIT.passed;
  },
};
