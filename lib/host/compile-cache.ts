import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "../core/errors.ts";
import { isPrivateFolder } from "./private-folder.ts";

/** Compiled files beyond this number are deleted. */
const MOST_FILES = 500;

/** Compiled JavaScript on disk, by what it was made from. It may be lost at any time. */
export interface CompileCache {
  get(key: string): string | null;
  put(key: string, code: string): void;
}

/** Key of what determines a compiled file. */
export function cacheKey(...parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\0")).digest("hex");
}

/**
 * A cache in this folder; null for none. A folder that can't be written to is as good as none, and so is one that others
 * can write to: what is in it is run.
 */
export function openCompileCache(folder: string | null): CompileCache {
  const compiled = folder === null ? null : join(folder, "scenarios");
  if (compiled === null || !isPrivateFolder(compiled)) return { get: () => null, put: () => undefined };
  return {
    get(key) {
      try {
        return readFileSync(join(compiled, `${key}.js`), "utf8");
      } catch (error) {
        if (systemCode(error) !== undefined) return null;
        throw error;
      }
    },
    put(key, code) {
      try {
        const temporary = join(compiled, `${key}.${process.pid}.${crypto.randomUUID()}`);
        writeFileSync(temporary, code, { flag: "wx" });
        renameSync(temporary, join(compiled, `${key}.js`));
        dropSurplus(compiled);
      } catch (error) {
        // A cache saves time and is owed to nobody: full disks and read-only homes are fine.
        if (systemCode(error) === undefined) throw error;
      }
    },
  };
}

function dropSurplus(folder: string): void {
  const names = readdirSync(folder);
  // Names are digests, so the first ones are as good a choice as any and need no look at each file.
  for (const name of names.slice(0, Math.max(0, names.length - MOST_FILES)))
    rmSync(join(folder, name), { force: true });
}
