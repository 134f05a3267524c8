import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCode } from "../core/errors.ts";
import { embeddedFile } from "./embedded.ts";
import { isPrivateFolder } from "./private-folder.ts";

/** A program on disk that is gone when it is disposed of, unless a cache holds it. */
export interface EsbuildBinary extends Disposable {
  readonly path: string;
}

/**
 * esbuild as a program, in each place where it may be: from source the installed one; in the executable a copy in
 * `cacheFolder`, then one in a temporary folder of its own. Places that other users can write to are passed over, and so
 * are those that can't be written to; a place may still not let programs run.
 */
export function* esbuildBinaries(cacheFolder: string | null): Generator<EsbuildBinary, void, void> {
  const embedded = embeddedFile("esbuild");
  if (embedded === null) {
    const path = installedEsbuild();
    if (path !== null) yield { path, [Symbol.dispose]: () => undefined };
    return;
  }
  if (cacheFolder !== null && isPrivateFolder(cacheFolder)) {
    const path = join(cacheFolder, "esbuild");
    // Compared byte by byte: whatever came there otherwise, only what we bring is run.
    if (isThere(path, embedded) || writeProgram(path, embedded)) yield { path, [Symbol.dispose]: () => undefined };
  }
  const folder = temporaryFolder();
  if (folder === null) return;
  const path = join(folder, "esbuild");
  const dispose = () => rmSync(folder, { recursive: true, force: true });
  if (isPrivateFolder(folder) && writeProgram(path, embedded)) yield { path, [Symbol.dispose]: dispose };
  else dispose();
}

/** The program that the package esbuild has for this system; not every package manager puts it within our reach. */
function installedEsbuild(): string | null {
  try {
    const esbuild = createRequire(createRequire(import.meta.url).resolve("esbuild"));
    return esbuild.resolve(`@esbuild/${process.platform}-${process.arch}/bin/esbuild`);
  } catch (error) {
    if (systemCode(error) !== "MODULE_NOT_FOUND") throw error;
    return null;
  }
}

function temporaryFolder(): string | null {
  try {
    return mkdtempSync(join(tmpdir(), "nomos-run-esbuild-"));
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return null;
  }
}

function isThere(path: string, content: Uint8Array): boolean {
  try {
    return readFileSync(path).equals(content);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}

/** Writes a program whole. Whether it could be: a full disk or a read-only one is no error here. */
function writeProgram(path: string, content: Uint8Array): boolean {
  const temporary = `${path}.${process.pid}.${crypto.randomUUID()}`;
  try {
    writeFileSync(temporary, content, { mode: 0o700, flag: "wx" });
    renameSync(temporary, path);
    return true;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    rmSync(temporary, { force: true });
    return false;
  }
}
