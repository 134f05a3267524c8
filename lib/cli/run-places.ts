import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { CodedError, systemCode } from "../core/errors.ts";
import { nearestOrAll } from "../plan/nearest.ts";

/** Where runs leave their folders unless `--out` says otherwise, relative to the working directory. */
export const DEFAULT_OUT = ".nomos-run";

/** What a run makes first of all; one that is damaged may lack either. */
const MADE_FIRST = ["plan.lock.json", "events.ndjson"];

/**
 * The folder of a run: `latest`, an id or the beginning of one, or a path.
 * @param root folder that `--out` named, absolute
 * @throws CodedError NR-CLI-RUN-UNKNOWN when none or several match
 */
export function findRunFolder(root: string, written: string, folder: string): string {
  const runs = join(root, "runs");
  // A shell's variable that was never set; the folder of all runs is none of a run.
  if (written === "") throw unknown("the name of a run is empty", "nomos-run list shows those that there are.");
  if (written === "latest") {
    const latest = join(root, "latest");
    if (isFolder(latest)) return realpathSync(latest);
    throw unknown("there is no latest run", `Nothing ran in ${root} yet; --out names another place.`);
  }
  const asPath = resolve(folder, written);
  if (!written.includes("/") && written !== ".." && written !== "." && isFolder(join(runs, written))) {
    return join(runs, written);
  }
  if (written.includes("/") && isFolder(asPath)) {
    if (MADE_FIRST.some((name) => existsSync(join(asPath, name)))) return asPath;
    throw unknown(`${written} is no run's folder`, `It has no ${MADE_FIRST.join(" and no ")}.`);
  }
  const ids = isFolder(runs) ? readdirSync(runs) : [];
  const matches = ids.filter((id) => id.startsWith(written));
  if (matches.length === 1) return join(runs, matches[0] as string);
  if (matches.length > 1) {
    throw unknown(`${matches.length} runs begin with ${JSON.stringify(written)}`, `They are ${matches.join(", ")}.`);
  }
  const hint = ids.length === 0 ? `There is no run in ${root}.` : nearestOrAll(written, ids.toReversed());
  throw unknown(`there is no run ${JSON.stringify(written)} in ${root}`, `${hint} --out names another place.`);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return false;
    throw error;
  }
}

function unknown(message: string, hint: string): CodedError {
  return new CodedError("NR-CLI-RUN-UNKNOWN", message, { hint });
}
