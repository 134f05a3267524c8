import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import * as v from "valibot";
import { CodedError, errorText } from "../../core/errors.ts";
import { type About, AboutSchema, aboutThis, changesBetween } from "../about.ts";
import type { Arguments } from "../arguments.ts";
import type { CommandDetail } from "../command.ts";
import { EXIT } from "../exit-codes.ts";

/** A program that says what it is in no more than this. */
const ANSWER_TIMEOUT_MS = 30_000;

/** Verifies another build of this program before it takes this one's place. It fetches nothing and replaces nothing. */
export const upgradeCommand: CommandDetail = {
  options: [
    { flags: "--check <file>", summary: "The downloaded executable" },
    { flags: "--sha256 <hex>", summary: "Its checksum; from FILE.sha256 or SHA256SUMS beside it by default" },
  ],
  examples: [
    ["upgrade --check ~/Downloads/nomos-run-0.2.0-linux-x64", "is it whole, and what has changed"],
    ["upgrade --check nomos-run.new --sha256 9f86d081...", "with the checksum that its makers published"],
  ],
  async run(args, { output, folder }) {
    const written = args.value("check");
    if (written === undefined) {
      throw new CodedError("NR-CLI-OPTION", "upgrade needs --check <file>", {
        hint: "It fetches nothing: download the executable and its SHA256SUMS first.",
      });
    }
    const path = resolve(folder, written);
    const expected = expectedChecksum(args, path, written);
    const found = await sha256(path, written);
    if (found !== expected.checksum) {
      throw new CodedError(
        "NR-CLI-CHECKSUM",
        `${written} has SHA-256 ${found}; ${expected.from} has ${expected.checksum}`,
        {
          hint: "It is damaged or another file. Don't run it; download it again.",
        },
      );
    }
    output.write(`${written}: SHA-256 ${found}, as ${expected.from} has it\n`);
    // Only now: what isn't what its makers published is not run.
    const next = aboutOther(path, written);
    const now = await aboutThis((await import("../commands.ts")).COMMANDS);
    const changes = changesBetween(now, next);
    output.write(changes.length === 0 ? "it is this build\n" : `${changes.join("\n")}\n`);
    return EXIT.passed;
  },
};

function expectedChecksum(args: Arguments, path: string, written: string): { checksum: string; from: string } {
  const given = args.value("sha256");
  if (given !== undefined) {
    if (!/^[0-9a-f]{64}$/i.test(given)) {
      throw new CodedError("NR-CLI-VALUE", `--sha256 can't be ${JSON.stringify(given)}`, {
        hint: "It is 64 hexadecimal digits.",
      });
    }
    return { checksum: given.toLowerCase(), from: "--sha256" };
  }
  for (const file of [`${path}.sha256`, join(dirname(path), "SHA256SUMS")]) {
    if (!existsSync(file)) continue;
    const lines = readFileSync(file, "utf8").split("\n");
    const fields = lines.map((line) => /^([0-9a-fA-F]{64})(?: [ *](.+))?$/.exec(line.trimEnd()));
    const match = fields.find((each) => each?.[2] === basename(path) || (each && each[2] === undefined));
    if (match?.[1] !== undefined) return { checksum: match[1].toLowerCase(), from: basename(file) };
  }
  throw new CodedError("NR-CLI-CHECKSUM", `there is no checksum of ${written}`, {
    hint: `Put the release's SHA256SUMS beside it, or give --sha256. The file must have the name that SHA256SUMS has.`,
  });
}

async function sha256(path: string, written: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    throw new CodedError("NR-CLI-VALUE", `${written} can't be read: ${errorText(error)}`, {
      hint: "Name the downloaded executable.",
      cause: error,
    });
  }
  return hash.digest("hex");
}

/** What another build says that it is. */
function aboutOther(path: string, written: string): About {
  const { stdout, error, status } = spawnSync(path, ["about", "--json"], {
    encoding: "utf8",
    timeout: ANSWER_TIMEOUT_MS,
    maxBuffer: 1 << 24,
  });
  const refused = (why: string, cause?: unknown) =>
    new CodedError("NR-CLI-CHECKSUM", `${written} is what was published, but can't be asked what it is: ${why}`, {
      hint: "It may be of another system, need chmod +x, or be older than this command.",
      ...(cause === undefined ? {} : { cause }),
    });
  if (error) throw refused(error.message, error);
  if (status !== 0) throw refused(`it ended with ${status}`);
  try {
    return v.parse(AboutSchema, JSON.parse(stdout));
  } catch (thrown) {
    throw refused("its answer is none that this version reads", thrown);
  }
}
