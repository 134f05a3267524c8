import { execFile } from "node:child_process";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { brotliCompressSync, constants } from "node:zlib";

/** What scenarios import, and what an editor needs beside it. */
const ENTRY = "lib/index.d.ts";
const ALWAYS = ["@types/node", "undici-types"];

/**
 * Makes the type declarations that scenario files are checked with, doc comments included.
 * @param {{root: string, folder: string, version: string}} options `folder` takes what comes about on the way
 * @returns {Promise<Map<string, string>>} content by path, as below a `node_modules`: `nomos-run` and what its
 *   declarations import
 */
export async function declarations({ root, folder, version }) {
  const project = join(folder, "tsconfig.declarations.json");
  const out = join(folder, "declarations");
  writeFileSync(
    project,
    JSON.stringify({
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        // The type check is a check of its own.
        noCheck: true,
        rootDir: root,
        outDir: out,
        typeRoots: [join(root, "node_modules/@types")],
        // A scenario's own import of it leads out of the sources.
        paths: {},
      },
      files: [join(root, "lib/index.ts")],
      include: [],
    }),
  );
  await promisify(execFile)(join(root, "node_modules/.bin/tsc"), ["-p", project]);
  const files = new Map();
  const packages = new Set(ALWAYS);
  const add = (path) => {
    const key = `nomos-run/${relative(out, path)}`;
    if (files.has(key)) return;
    const text = readFileSync(path, "utf8");
    files.set(key, text.replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1"));
    for (const specifier of importedBy(text)) {
      if (specifier.startsWith(".")) add(join(dirname(path), specifier.replace(/\.ts$/, ".d.ts")));
      else if (!specifier.startsWith("node:")) packages.add(packageOf(specifier));
    }
  };
  add(join(out, ENTRY));
  files.set("nomos-run/package.json", JSON.stringify({ name: "nomos-run", version, type: "module", types: ENTRY }));
  for (const name of packages) for (const [path, text] of packageDeclarations(root, name)) files.set(path, text);
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What statements of a declaration file import, and its types by `import("...")`; texts that read like it are neither. */
export function importedBy(text) {
  const statements = text.matchAll(/^(?:import|export)\b(?:[^"';]*?\bfrom)?\s*["']([^"']+)["']/gm);
  const types = text.matchAll(/(?<!["'`\w.])import\(["']([^"']+)["']\)/g);
  return [...statements, ...types].map(([, specifier]) => specifier);
}

/** The declarations as one file: JSON, compressed by Brotli. */
export function packedDeclarations(files) {
  const json = Buffer.from(JSON.stringify(Object.fromEntries(files)));
  return brotliCompressSync(json, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
}

function packageOf(specifier) {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function packageDeclarations(root, name) {
  const folder = packageFolder(root, name);
  return ["package.json", ...globSync("**/*.d.{ts,mts,cts}", { cwd: folder })].map((path) => [
    `${name}/${path}`,
    readFileSync(join(folder, path), "utf8"),
  ]);
}

/** Packages may lie below others. */
function packageFolder(root, name) {
  const direct = join(root, "node_modules", name);
  if (existsSync(direct)) return direct;
  return dirname(createRequire(join(root, "node_modules/@types/node/package.json")).resolve(`${name}/package.json`));
}
