import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { systemCode } from "../core/errors.ts";
import { linkAtomically, writeFileAtomically } from "./atomic-files.ts";
import { writeError } from "./disk-errors.ts";
import { makeFolder } from "./make-folder.ts";

/** Characters of the random end of a run's id: digits and letters that can't be mistaken for one another. */
const ID_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** Where a run keeps its evidence. */
export interface RunFolder {
  readonly runId: string;
  /** Absolute. */
  readonly path: string;
  /** Where nodes' logs go; it exists. */
  readonly logs: string;
  /**
   * Writes a document into the folder, whole or not at all.
   * @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE
   */
  writeJson(name: string, value: unknown): Promise<void>;
}

/**
 * An id that sorts by time: `20261123-143352123-k3f9x2`, UTC to the millisecond and 30 bits of chance. It is also good
 * as a DNS label, a container's name and a file's.
 */
export function newRunId(wallMs: number): string {
  const time = new Date(wallMs)
    .toISOString()
    .replace(/[-:.Z]/g, "")
    .replace("T", "-");
  const random = crypto.getRandomValues(new Uint8Array(6));
  return `${time}-${Array.from(random, (byte) => ID_ALPHABET[byte % ID_ALPHABET.length]).join("")}`;
}

/**
 * Makes `ROOT/runs/<id>/` and points `ROOT/latest` at it. It never takes a folder that exists: when the id is taken,
 * `nextId` is asked for another.
 * @param root what `--out` names, `.nomos-run` by default; made when it is missing
 * @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE
 */
export async function createRunFolder(options: { root: string; nextId: () => string }): Promise<RunFolder> {
  const root = resolve(options.root);
  const runs = join(root, "runs");
  try {
    await makeFolder(runs);
  } catch (error) {
    throw writeError(runs, error);
  }
  for (;;) {
    const runId = options.nextId();
    const path = join(runs, runId);
    const logs = join(path, "logs");
    try {
      await mkdir(path);
      await mkdir(logs);
    } catch (error) {
      if (systemCode(error) === "EEXIST") continue;
      throw writeError(path, error);
    }
    await linkAtomically(join("runs", runId), join(root, "latest"));
    const writeJson = (name: string, value: unknown) =>
      writeFileAtomically(join(path, name), `${JSON.stringify(value, null, 2)}\n`);
    return { runId, path, logs, writeJson };
  }
}
