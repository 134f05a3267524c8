import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";

/** Modules of packages that are parts of their own, by part: slow to load, and imported also where nothing uses them. */
const VENDORS = {
  undici: "undici",
  histogram: "hdr-histogram-js",
};

/** The parts whose loading is recorded, by the file that each begins with. */
const RECORDED = { node: "lib/devnet/shell/main.ts", guardian: "lib/run/guardian/main.ts", cli: "lib/cli/main.ts" };

const LOADER = fileURLToPath(import.meta.resolve("./part-loader.mjs"));

const COMMON = {
  bundle: true,
  platform: "node",
  target: "node24",
  // Names stay, so that a stack trace can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  // Its main file has every hash that there is; of its modules only what is used is taken.
  alias: { "hash-wasm": "hash-wasm/dist/index.esm.js" },
  logLevel: "warning",
  metafile: true,
  write: false,
};

/** In CommonJS there is no `import.meta.url`; a part gets its own as a parameter. */
const PART_URL = "__nomos_run_url";

/** Name of the part that the program begins with. */
export const ENTRY = "cli.js";

/**
 * Bundles the program. Whatever is imported dynamically begins a part of its own, and what several parts share is one
 * too, so that each command loads only what it needs.
 * @param {{root: string, stamp: object}} options `stamp` is what the program knows of its build
 * @returns {Promise<{main: string, parts: Map<string, string>, loads: object, packages: string[]}>} the source that loads
 *   the entry, the source of each part (a function expression), what loading the recorded parts costs, and the paths of
 *   all files in it
 */
export async function bundle({ root, stamp }) {
  const define = {
    NOMOS_RUN_COMMIT: JSON.stringify(stamp.commit),
    NOMOS_RUN_INPUTS: JSON.stringify(stamp.inputs),
  };
  const common = { ...COMMON, absWorkingDir: root };
  const split = await build({
    ...common,
    entryPoints: ["cli.ts"],
    format: "esm",
    splitting: true,
    outdir: "/parts",
    chunkNames: "[name]-[hash]",
    define,
    plugins: [await lazyVendors()],
  });
  const parts = new Map();
  for (const { path, text } of split.outputFiles) parts.set(basename(path), await asFunction(text));
  const inputs = new Set(Object.keys(split.metafile.inputs));
  for (const [name, specifier] of Object.entries(VENDORS)) {
    if (!split.metafile.inputs[`vendor:${specifier}`]) continue;
    const stdin = { contents: `export * from ${JSON.stringify(specifier)}`, resolveDir: root };
    const vendor = await build({ ...common, stdin, format: "esm" });
    parts.set(`${name}.js`, await asFunction(vendor.outputFiles[0].text));
    for (const input of Object.keys(vendor.metafile.inputs)) inputs.add(input);
  }
  const main = await build({
    ...common,
    format: "cjs",
    stdin: { contents: `import { loadPart } from ${JSON.stringify(LOADER)}; loadPart("${ENTRY}");`, resolveDir: root },
  });
  return { main: main.outputFiles[0].text, parts, loads: loadsOf(split.metafile), inputs: [...inputs] };
}

/** A module as CommonJS within a function. What it imports dynamically is then required, when it comes to that. */
async function asFunction(module) {
  const { code } = await transform(module, {
    format: "cjs",
    platform: "node",
    target: "node24",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    supported: { "dynamic-import": false },
    define: { "import.meta.url": PART_URL },
  });
  return `(function(exports,require,module,${PART_URL}){${code}\n})`;
}

/** What loading each recorded part costs, the program's entry and all that it imports included: bytes, by package. */
function loadsOf({ outputs }) {
  const paths = Object.keys(outputs);
  const closure = (path, seen = new Set()) => {
    if (seen.has(path)) return seen;
    seen.add(path);
    for (const { path: next, kind, external } of outputs[path].imports) {
      if (kind === "import-statement" && !external) closure(next, seen);
    }
    return seen;
  };
  const entry = paths.find((path) => outputs[path].entryPoint === "cli.ts");
  return Object.fromEntries(
    Object.entries(RECORDED).map(([name, file]) => {
      const packages = {};
      let bytes = 0;
      for (const path of closure(
        paths.find((each) => outputs[each].entryPoint === file),
        closure(entry),
      )) {
        bytes += outputs[path].bytes;
        for (const [input, { bytesInOutput }] of Object.entries(outputs[path].inputs)) {
          const owner = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? "nomos-run";
          packages[owner] = (packages[owner] ?? 0) + bytesInOutput;
        }
      }
      return [name, { bytes, packages }];
    }),
  );
}

/** Names that a module exports; what Node adds to those of a CommonJS module is none. */
function exportsOf(module) {
  return Object.keys(module).filter((name) => name !== "__esModule" && name !== "module.exports");
}

/** Turns imports of vendors into objects that load the vendor's part when something of it is first used. */
async function lazyVendors() {
  const vendors = new Map();
  for (const [part, specifier] of Object.entries(VENDORS)) {
    vendors.set(specifier, { part, names: exportsOf(await import(specifier)) });
  }
  return {
    name: "vendors are parts",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[^.]/ }, ({ path }) => (vendors.has(path) ? { path, namespace: "vendor" } : undefined));
      onResolve({ filter: /^\.\/[^/]+\.js$/, namespace: "vendor" }, ({ path }) => ({ path, external: true }));
      onLoad({ filter: /.*/, namespace: "vendor" }, ({ path }) => {
        const { part, names } = vendors.get(path);
        const contents = [
          "Object.defineProperty(exports, '__esModule', { value: true });",
          `const part = () => require("./${part}.js");`,
          `for (const name of ${JSON.stringify(names)})`,
          "  Object.defineProperty(exports, name, { enumerable: true, get: () => part()[name] });",
        ];
        return { contents: contents.join("\n") };
      });
    },
  };
}
