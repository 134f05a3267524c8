import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What an executable depends on: the sources, the versions of the packages, how it is built. */
export const INPUTS = ["cli.ts", "lib/**/*.ts", "package.json", "package-lock.json", "build.mjs", "scripts/build/*"];

/**
 * SHA-256 of every input and of the Node that goes into the executable.
 * @param {string} root the checkout
 */
export function inputDigest(root) {
  const hash = createHash("sha256").update(`${process.version} ${process.platform} ${process.arch}\0`);
  for (const path of globSync(INPUTS, { cwd: root }).toSorted()) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex");
}
