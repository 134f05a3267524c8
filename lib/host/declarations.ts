import { existsSync, readFileSync } from "node:fs";
import { lstat, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";
import { CodedError, systemCode } from "../core/errors.ts";
import { writeError } from "./disk-errors.ts";
import { embeddedFile } from "./embedded.ts";
import { makeFolder } from "./make-folder.ts";

const ASSET = "declarations.br";

/** Says that a folder of packages is ours to replace. */
const MARK = ".made-by-nomos-run";

/** Where an author's folder has the declarations, as a `node_modules` of its own. */
export const DECLARATIONS_FOLDER = ".nomos/node_modules";

/**
 * The type declarations of `nomos-run` and of all that they import, Node's included, by path below a `node_modules`.
 * @throws CodedError NR-HOST-DECLARATIONS where they are not built yet
 */
function declarationFiles(): ReadonlyMap<string, string> {
  const embedded = embeddedFile(ASSET) ?? builtFile();
  return new Map(Object.entries(JSON.parse(brotliDecompressSync(embedded).toString()) as Record<string, string>));
}

/** Running from source or as a package, they lie in a file. */
function builtFile(): Uint8Array {
  const path = fileURLToPath(new URL(`../../dist/${ASSET}`, import.meta.url));
  if (existsSync(path)) return readFileSync(path);
  throw new CodedError("NR-HOST-DECLARATIONS", "the type declarations are not built", {
    hint: "Build them: node build.mjs.",
  });
}

/**
 * Writes the declarations into `.nomos/node_modules` of an author's folder, in place of those that are there.
 * @returns how many files
 * @throws CodedError NR-HOST-DECLARATIONS when something else is there; NR-HOST-DISK-FULL, NR-HOST-WRITE
 */
export async function writeDeclarations(folder: string): Promise<number> {
  const target = join(folder, DECLARATIONS_FOLDER);
  const files = declarationFiles();
  await refuseForeign(target);
  try {
    await makeFolder(dirname(target));
    const fresh = await mkdtemp(join(dirname(target), ".types-"));
    try {
      await Promise.all(
        [...files, [MARK, ""] as const].map(async ([path, text]) => {
          await mkdir(dirname(join(fresh, path)), { recursive: true });
          await writeFile(join(fresh, path), text);
        }),
      );
      await rm(target, { recursive: true, force: true });
      await rename(fresh, target);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  } catch (error) {
    throw writeError(target, error, "file");
  }
  return files.size;
}

async function refuseForeign(target: string): Promise<void> {
  for (const path of [dirname(target), target]) {
    const found = await statOrNull(path);
    if (found === null) return;
    if (!found.isDirectory()) throw foreign(path, "is no folder");
  }
  if ((await statOrNull(join(target, MARK))) === null) throw foreign(target, "was not made by nomos-run");
}

async function statOrNull(path: string) {
  return await lstat(path).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return null;
    throw writeError(path, error, "file");
  });
}

function foreign(path: string, what: string): CodedError {
  return new CodedError("NR-HOST-DECLARATIONS", `${path} ${what}, so it is left as it is`, {
    hint: "Move it away, then try again.",
  });
}
