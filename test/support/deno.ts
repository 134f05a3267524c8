import { mkdirSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";

const REPOSITORY = resolve(import.meta.dirname, "../..");
const PACKAGES = { "linux-x64": "linux-x64-glibc", "linux-arm64": "linux-arm64-glibc" } as Readonly<
  Record<string, string>
>;
const SYSTEM = `${process.platform}-${process.arch}`;

/** The entry of the sources. */
export const CLI = join(REPOSITORY, "cli.ts");

/** Deno itself: what npm puts beside packages as `deno` is a program for Node that starts it. */
export const DENO = join(REPOSITORY, "node_modules/@deno", PACKAGES[SYSTEM] ?? SYSTEM, "deno");

/** An environment in which Deno is the only program on the PATH, with a home below this folder. */
export function denoAlone(folder: string): Record<string, string> {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  symlinkSync(DENO, join(bin, "deno"));
  return { PATH: bin, HOME: join(folder, "home"), NO_COLOR: "1" };
}
