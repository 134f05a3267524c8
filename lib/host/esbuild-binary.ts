import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemCode } from "../core/errors.ts";
import { embeddedFile } from "./embedded.ts";

/** A program on disk that is gone when it is disposed of, unless a cache holds it. */
export interface EsbuildBinary extends Disposable {
  readonly path: string;
}

/**
 * esbuild as a program: from source the installed one, in the executable a copy in `cacheFolder`, or in a folder of its
 * own where there is no cache.
 * @throws a system error when it can be put nowhere
 */
export function esbuildBinary(cacheFolder: string | null): EsbuildBinary {
  const embedded = embeddedFile("esbuild");
  if (embedded === null) {
    const name = `@esbuild/${process.platform}-${process.arch}/bin/esbuild`;
    return { path: createRequire(import.meta.url).resolve(name), [Symbol.dispose]: () => undefined };
  }
  if (cacheFolder !== null) {
    const path = join(cacheFolder, "esbuild");
    // Compared byte by byte: whatever else may write there, only what we bring is run.
    if (!isThere(path, embedded)) writeProgram(cacheFolder, path, embedded);
    return { path, [Symbol.dispose]: () => undefined };
  }
  const folder = mkdtempSync(join(tmpdir(), "nomos-run-esbuild-"));
  const path = join(folder, "esbuild");
  writeProgram(folder, path, embedded);
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

function isThere(path: string, content: Uint8Array): boolean {
  try {
    return readFileSync(path).equals(content);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

function writeProgram(folder: string, path: string, content: Uint8Array): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, content);
  chmodSync(temporary, 0o755);
  renameSync(temporary, path);
}
