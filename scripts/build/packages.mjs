import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * The folder of a package that package-lock.json has: the installed one, or, for another system than this, one that is
 * fetched by npm, checked against the lock and kept in `cache`.
 * @param {{root: string, cache: string, name: string}} options
 */
export function packageFolder({ root, cache, name }) {
  const { version, integrity } = lockOf(root, name);
  const installed = join(root, "node_modules", name);
  if (existsSync(installed)) return installed;
  const folder = join(cache, `${name.replace("/", "-")}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const lab = mkdtempSync(join(cache, ".fetch-"));
  try {
    const npm = ["pack", `${name}@${version}`, "--json", "--pack-destination", lab];
    const [{ filename }] = JSON.parse(execFileSync("npm", npm, { cwd: lab, encoding: "utf8", stdio: "pipe" }));
    const packed = join(lab, filename);
    const digest = `sha512-${createHash("sha512").update(readFileSync(packed)).digest("base64")}`;
    if (digest !== integrity) throw new Error(`${name}@${version} is ${digest}; package-lock.json has ${integrity}`);
    execFileSync("tar", ["-xzf", packed, "-C", lab, "--no-same-owner"]);
    renameSync(join(lab, "package"), folder);
  } finally {
    rmSync(lab, { recursive: true, force: true });
  }
  return folder;
}

/** What package-lock.json says of a package. */
export function lockOf(root, name) {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const found = packages[`node_modules/${name}`];
  if (!found) throw new Error(`package-lock.json has no ${name}`);
  return found;
}
