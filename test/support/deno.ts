import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

const REPOSITORY = resolve(import.meta.dirname, "../..");
const PACKAGES = { "linux-x64": "linux-x64-glibc", "linux-arm64": "linux-arm64-glibc" } as Readonly<
  Record<string, string>
>;
const SYSTEM = `${process.platform}-${process.arch}`;

const CLI = join(REPOSITORY, "cli.ts");

const DENO = join(REPOSITORY, "node_modules/@deno", PACKAGES[SYSTEM] ?? SYSTEM, "deno");

/** The sources under Deno. */
export const UNDER_DENO = [DENO, "run", "-A", CLI] as const;

/** The same sources under this Node. */
export const UNDER_NODE = [process.execPath, "--disable-warning=ExperimentalWarning", CLI] as const;

/** An environment in which Deno is the only program on the PATH, with a home below this folder. */
export function denoAlone(folder: string): Record<string, string> {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(DENO, join(bin, "deno"));
  return { PATH: bin, HOME: join(folder, "home"), NO_COLOR: "1" };
}
