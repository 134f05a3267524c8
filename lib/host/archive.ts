import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { create, extract } from "tar";
import { CodedError, errorText, systemCode } from "../core/errors.ts";
import { type Writer, writeError } from "./disk-errors.ts";

/** An archive holds at most this much, so that a small file can't fill a disk. */
const MOST_BYTES = 64 * 2 ** 30;
const MOST_ENTRIES = 1_000_000;

/**
 * Unpacks a tar, packed by gzip or not, into a folder that exists. Nothing outside the folder is touched: names that lead
 * out of it, links to places outside, devices and pipes are refused, and so is an archive that is damaged or cut.
 * @param options.strip leading parts of each name that are left away; 0 by default
 * @param options.writer who unpacks: what a full disk's error advises depends on it
 * @throws CodedError NR-HOST-ARCHIVE, NR-HOST-DISK-FULL, NR-HOST-WRITE
 */
export async function unpackTar(
  path: string,
  folder: string,
  { strip = 0, onEntry, writer = "file" }: { strip?: number; onEntry?: (name: string) => void; writer?: Writer } = {},
): Promise<void> {
  let entries = 0;
  let bytes = 0;
  let problem: string | null = null;
  await refusing(path, folder, writer, () =>
    extract({
      file: path,
      cwd: folder,
      strip,
      // Every warning is an error: what the library would correct is not what the archive's maker meant.
      strict: true,
      preserveOwner: false,
      filter: (name, entry) => {
        entries += 1;
        bytes += entry.size;
        if ("type" in entry) problem ??= oddEntry(entry.type, name);
        if (entries > MOST_ENTRIES) problem ??= `it has more than ${MOST_ENTRIES} entries`;
        if (bytes > MOST_BYTES) problem ??= `it unpacks to more than ${MOST_BYTES} bytes`;
        // An error thrown in here would be nobody's; the rest is read and left.
        if (problem !== null) return false;
        onEntry?.(name);
        return true;
      },
    }),
  );
  if (problem !== null) throw refused(path, problem);
  if (entries === 0) throw refused(path, "it is empty or no tar");
}

/**
 * Packs files of a folder by gzip. The same files give the same bytes: no times, owners or machine's peculiarities in it.
 * @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE
 */
export async function packTar(
  path: string,
  folder: string,
  names: readonly string[],
  writer: Writer = "file",
): Promise<void> {
  for (const name of names) await lstat(join(folder, name));
  try {
    await create({ file: path, cwd: folder, gzip: { level: 6 }, portable: true, noMtime: true, strict: true }, [
      ...names,
    ]);
  } catch (error) {
    throw writeError(path, error, writer);
  }
}

function oddEntry(type: string, name: string): string | null {
  if (["File", "OldFile", "ContiguousFile", "Directory", "SymbolicLink", "Link"].includes(type)) return null;
  return `${name} is neither file, folder nor link but ${type}`;
}

async function refusing(path: string, folder: string, writer: Writer, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof CodedError) throw error;
    const code = systemCode(error) ?? "";
    if (["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM"].includes(code)) throw writeError(folder, error, writer);
    const entry = (error as { entry?: { path?: unknown } }).entry?.path;
    const where = typeof entry === "string" ? `${entry}: ` : "";
    throw refused(path, `${where}${errorText(error).replace(/^TAR_\w+: /, "")}`, error);
  }
}

function refused(path: string, why: string, cause?: unknown): CodedError {
  return new CodedError("NR-HOST-ARCHIVE", `${path} can't be unpacked: ${why}`, {
    hint: "Fetch or pack it again; nothing of it was put to use.",
    ...(cause === undefined ? {} : { cause }),
  });
}
