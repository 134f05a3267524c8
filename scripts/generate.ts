/**
 * Writes the files that are made from the code: JSON schemas and pages of the documentation. With --check it writes
 * nothing, and fails when one of them is not what it would write.
 *
 * usage: node scripts/generate.ts [--check]
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { environmentPage } from "./generate/environment-page.ts";
import { errorsPage } from "./generate/errors-page.ts";
import { schemaFiles } from "./generate/schemas.ts";
import { selftestPage } from "./generate/selftest-page.ts";

const ROOT = resolve(import.meta.dirname, "..");

const { values } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const stale: string[] = [];
for (const [path, content] of [
  ...schemaFiles(),
  ["docs/environment.md", environmentPage()] as const,
  ["docs/errors.md", errorsPage()] as const,
  ["docs/selftest.md", selftestPage()] as const,
]) {
  const file = resolve(ROOT, path);
  if (existsSync(file) && readFileSync(file, "utf8") === content) continue;
  stale.push(path);
  if (values.check) continue;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}
for (const path of stale) console.log(`${values.check ? "stale" : "wrote"} ${path}`);
if (values.check && stale.length > 0) {
  console.log("Write them anew with: node scripts/generate.ts");
  process.exitCode = 1;
}
