import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { systemCode } from "../core/errors.ts";

/** Absolute path of a program that `env.PATH` finds, or null. */
export function findTool(name: string, env: Readonly<Record<string, string | undefined>>): string | null {
  if (name.includes("/")) return isExecutable(name) ? name : null;
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return false;
  }
}
