import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { lazyParts } from "./lazy-parts.mjs";

/**
 * Parts that are whole: of a node there are many, and after it is loaded it changes V8's flags, with which no compiled
 * code of another part would be taken any more. A thread is given one text to run, and has no part loader.
 */
const WHOLE = {
  node: "lib/devnet/shell/main.ts",
  guardian: "lib/run/guardian/main.ts",
  signer: "lib/host/sign-ahead-worker.ts",
};

/** Where the command line begins. */
const COMMAND_LINE = "lib/cli/main.ts";

/**
 * What the command line loads when something of it is first used, though it is imported from its start: packages and
 * modules of ours that take long to load and that `plan` has no use for. By part.
 */
const LAZY_PACKAGES = {
  undici: "undici",
  histogram: "hdr-histogram-js",
  immutable: "immutable",
  zx: "zx/core",
  tar: "tar",
};
const LAZY_MODULES = {
  keys: "lib/chain/keys.ts",
  vrf: "lib/chain/vrf.ts",
  "simulated-cluster": "lib/deployers/simulation/cluster.ts",
  "managed-cluster": "lib/deployers/managed/cluster.ts",
  "compose-deployment": "lib/deployers/compose/deployment.ts",
};
/** The same of Node's own modules. */
const LAZY_BUILTINS = ["node:http", "node:child_process", "node:zlib"];

/** Name of the part that the program begins with. */
const ENTRY = "cli.js";

/**
 * Modules of packages that the executable leaves out, with all that only they need: build sessions of Docker, and an ssh
 * client in JavaScript where the user's own ssh is used.
 */
const LEFT_OUT = /\/(dockerode\/lib\/session|docker-modem\/lib\/ssh)\.js$/;

const LOADER = fileURLToPath(import.meta.resolve("./part-loader.mjs"));

const MINIFIED = {
  platform: "node",
  target: "node24",
  // Names stay, so that a stack trace can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
};

const COMMON = {
  ...MINIFIED,
  bundle: true,
  format: "esm",
  // Its main file has every hash that there is; of its modules only what is used is taken.
  alias: { "hash-wasm": "hash-wasm/dist/index.esm.js" },
  logLevel: "warning",
  metafile: true,
  write: false,
};

/** In CommonJS there is no `import.meta.url`; a part gets its own as a parameter. */
const PART_URL = "__nomos_run_url";

/**
 * @typedef {object} Bundle
 * @property {string} main source of what Node starts; it loads the entry
 * @property {string} entry name of the part that starts the program
 * @property {string} commandLine name of the part that exports the command line's `main`
 * @property {Map<string, string>} parts source of each part, a function expression
 * @property {Record<string, {bytes: number, packages: Record<string, number>}>} loads what starting loads
 * @property {string[]} inputs paths of all files that are in it, relative to the checkout
 */

/**
 * Bundles the program. In the command line, whatever is imported dynamically begins a part of its own, and what several
 * parts share is one too, so that each command loads only what it needs.
 * @param {{root: string, stamp: {commit: string | null, inputs: string}}} options
 * @returns {Promise<Bundle>}
 */
export async function bundle({ root, stamp }) {
  const define = stampDefines(stamp);
  const common = { ...COMMON, absWorkingDir: root, define };
  const lazy = await lazyParts({ root, packages: LAZY_PACKAGES, modules: LAZY_MODULES, builtins: LAZY_BUILTINS });
  const built = new Map();
  const split = await build({
    ...common,
    entryPoints: { cli: "cli.ts", ...LAZY_MODULES },
    splitting: true,
    outdir: "/parts",
    chunkNames: "[name]-[hash]",
    plugins: [wholeParts(root), leftOut, lazy],
  });
  built.set("split", split);
  for (const [name, path] of Object.entries(WHOLE)) {
    built.set(name, await build({ ...common, entryPoints: { [name]: path }, outdir: "/parts" }));
  }
  for (const [name, specifier] of Object.entries(LAZY_PACKAGES)) {
    if (!split.metafile.inputs[`lazy:${name}`]) continue;
    // Of a CommonJS package nobody knows what it exports until it is loaded: `export *` would export nothing of it.
    const stdin = { contents: `module.exports = require(${JSON.stringify(specifier)})`, resolveDir: root };
    built.set(name, await build({ ...common, format: "cjs", stdin, outfile: `/parts/${name}.js` }));
  }
  const parts = new Map();
  for (const { outputFiles } of built.values()) {
    for (const { path, text } of outputFiles) parts.set(basename(path), await asFunction(text));
  }
  const contents = `import { loadPart } from ${JSON.stringify(LOADER)}; loadPart("${ENTRY}");`;
  const main = await build({ ...common, format: "cjs", stdin: { contents, resolveDir: root } });
  const started = (path) => partsOf(split.metafile, path);
  return {
    main: main.outputFiles[0].text,
    entry: ENTRY,
    commandLine: basename(started(COMMAND_LINE)[0][0]),
    parts,
    loads: {
      cli: loadOf([...started("cli.ts"), ...started(COMMAND_LINE)]),
      ...Object.fromEntries(
        Object.keys(WHOLE).map((name) => [
          name,
          loadOf([...started("cli.ts"), ...Object.entries(built.get(name).metafile.outputs)]),
        ]),
      ),
    },
    inputs: [...new Set([...built.values()].flatMap(({ metafile }) => Object.keys(metafile.inputs)))],
  };
}

/** What the program is told of its build, for esbuild. */
export function stampDefines({ commit, inputs }) {
  return { NOMOS_RUN_COMMIT: JSON.stringify(commit), NOMOS_RUN_INPUTS: JSON.stringify(inputs) };
}

/** A module as CommonJS within a function. What it imports dynamically is then required, when it comes to that. */
async function asFunction(module) {
  const { code } = await transform(module, {
    ...MINIFIED,
    format: "cjs",
    supported: { "dynamic-import": false },
    define: { "import.meta.url": PART_URL },
  });
  return `(function(exports,require,module,${PART_URL}){${code}\n})`;
}

/** An esbuild plugin that leaves imports of whole parts to the part loader. */
function wholeParts(root) {
  const names = new Map(Object.entries(WHOLE).map(([name, path]) => [join(root, path), name]));
  return {
    name: "whole parts",
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        const name = kind === "dynamic-import" && names.get(resolve(resolveDir, path));
        return name ? { path: `./${name}.js`, external: true } : undefined;
      });
    },
  };
}

/** An esbuild plugin that puts nothing in the place of what is left out. */
const leftOut = {
  name: "left out",
  setup({ onLoad }) {
    onLoad({ filter: LEFT_OUT }, () => ({ contents: "module.exports = undefined;" }));
  },
};

/** The outputs that loading a module takes, its own first. */
function partsOf({ outputs }, module) {
  const found = new Map();
  const add = (path) => {
    if (found.has(path)) return;
    found.set(path, outputs[path]);
    for (const next of outputs[path].imports) {
      if (next.kind === "import-statement" && !next.external) add(next.path);
    }
  };
  add(Object.keys(outputs).find((path) => outputs[path].entryPoint === module));
  return [...found];
}

/** Bytes of outputs, and of which packages they are. */
function loadOf(outputs) {
  const packages = {};
  let bytes = 0;
  for (const output of new Map(outputs).values()) {
    bytes += output.bytes;
    for (const [path, { bytesInOutput }] of Object.entries(output.inputs)) {
      const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "nomos-run";
      packages[name] = (packages[name] ?? 0) + bytesInOutput;
    }
  }
  return { bytes, packages };
}
