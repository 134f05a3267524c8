import { execFile } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { transform } from "esbuild";
import { stampDefines } from "./bundle.mjs";

/** The oldest Node that the package is tested with; undici sets it. */
const OLDEST_NODE = "22.19";

/** What scenario files are compiled with and declarations refer to, beside what the sources import. */
const ALSO_NEEDED = ["esbuild", "@types/node"];

/**
 * Makes the npm package: the sources as JavaScript with their declarations, `nomos-run` as its command.
 * @param {object} options
 * @param {string} options.root the checkout
 * @param {string} options.folder where the package comes to be; must not exist
 * @param {{commit: string | null, inputs: string}} options.stamp
 * @param {Uint8Array} options.types the packed declarations
 */
export async function makePackage({ root, folder, stamp, types }) {
  mkdirSync(folder, { recursive: true });
  const project = join(folder, "tsconfig.json");
  const compilerOptions = {
    noEmit: false,
    noCheck: true,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    // Nothing that its oldest Node doesn't know, such as `using`.
    target: "ES2023",
    rootDir: root,
    outDir: join(folder, "package"),
    typeRoots: [join(root, "node_modules/@types")],
    paths: {},
  };
  // What a thread is started with is imported by nothing.
  const files = ["cli.ts", "lib/index.ts", "lib/host/sign-ahead-worker.ts"].map((path) => join(root, path));
  writeFileSync(project, JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, files, include: [] }));
  await promisify(execFile)(join(root, "node_modules/.bin/tsc"), ["-p", project]);

  const out = join(folder, "package");
  const rewrite = (path, change) => writeFileSync(join(out, path), change(readFileSync(join(out, path), "utf8")));
  // The compiler rewrites imports in JavaScript only.
  for (const path of globSync("**/*.d.ts", { cwd: out })) {
    rewrite(path, (text) => text.replaceAll(/(["'])(\.{1,2}\/[^"']+)\.ts\1/g, "$1$2.js$1"));
  }
  const version = readFileSync(join(out, "lib/host/build-stamp.js"), "utf8");
  const stamped = await transform(version, { define: stampDefines(stamp), format: "esm" });
  writeFileSync(join(out, "lib/host/build-stamp.js"), stamped.code);
  rewrite("cli.js", (text) => `#!/usr/bin/env -S node --disable-warning=ExperimentalWarning\n${text}`);
  mkdirSync(join(out, "dist"));
  writeFileSync(join(out, "dist/declarations.br"), types);
  for (const path of ["README.md", "docs", "scenarios"]) cpSync(join(root, path), join(out, path), { recursive: true });
  writeFileSync(join(out, "package.json"), `${JSON.stringify(manifest(root), null, 2)}\n`);
  return out;
}

function manifest(root) {
  const { name, version, description, license, dependencies, devDependencies } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  return {
    name,
    version,
    description,
    license,
    type: "module",
    engines: { node: `>=${OLDEST_NODE}` },
    bin: { "nomos-run": "cli.js" },
    exports: { ".": { types: "./lib/index.d.ts", default: "./lib/index.js" } },
    dependencies: {
      ...dependencies,
      ...Object.fromEntries(ALSO_NEEDED.map((each) => [each, devDependencies[each]])),
    },
  };
}
