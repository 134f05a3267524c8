import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The parts of the program. Each is loaded only by what needs it, so that a node doesn't pay for the command line. */
const PARTS = {
  node: "lib/devnet/shell/main.ts",
  guardian: "lib/run/guardian/main.ts",
  cli: "lib/cli/main.ts",
};

/** Packages that are parts of their own where they are used: big, and not needed by every command. */
const VENDORS = ["undici"];

const LOADER = JSON.stringify(fileURLToPath(import.meta.resolve("./part-loader.mjs")));

const COMMON = {
  bundle: true,
  platform: "node",
  target: "node24",
  format: "cjs",
  // Names stay, so that a stack trace can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
  write: false,
  supported: { "dynamic-import": false },
};

/** In CommonJS there is no `import.meta.url`; a part gets its own as a parameter. */
const PART_URL = "__nomos_run_url";

/**
 * Bundles the program.
 * @param {{root: string, buildId: string}} options
 * @returns {Promise<{main: string, parts: Map<string, string>, meta: Record<string, object>}>} the entry, the source of
 *   each part (a function expression), and esbuild's metafile of each
 */
export async function bundle({ root, buildId }) {
  const main = await build({
    ...COMMON,
    absWorkingDir: root,
    entryPoints: ["cli.ts"],
    plugins: [partsAreAssets(root)],
  });
  const parts = new Map();
  const meta = { main: main.metafile };
  const add = async (name, entry) => {
    const result = await build({
      ...COMMON,
      ...entry,
      absWorkingDir: root,
      define: { NOMOS_RUN_BUILD: JSON.stringify(buildId), "import.meta.url": PART_URL },
    });
    parts.set(name, `(function(exports,require,module,${PART_URL}){${text(result)}\n})`);
    meta[name] = result.metafile;
  };
  const vendorsAreParts = await lazyVendors();
  for (const [name, path] of Object.entries(PARTS))
    await add(name, { entryPoints: [path], plugins: [vendorsAreParts] });
  const required = Object.values(meta).flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ imports }) => imports),
  );
  for (const name of VENDORS.filter((vendor) => required.some(({ path }) => path === `part:${vendor}`))) {
    await add(name, { stdin: { contents: `export * from ${JSON.stringify(name)}`, resolveDir: root } });
  }
  return { main: text(main), parts, meta };
}

function text(result) {
  return result.outputFiles[0].text;
}

/** Turns the entry's imports of parts into loads of assets. */
function partsAreAssets(root) {
  const names = new Map(Object.entries(PARTS).map(([name, path]) => [join(root, path), name]));
  return {
    name: "parts are assets",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        const name = names.get(resolve(resolveDir, path));
        return kind === "dynamic-import" && name ? { path: name, namespace: "part" } : undefined;
      });
      onLoad({ filter: /.*/, namespace: "part" }, ({ path }) => ({
        contents: `module.exports = require(${LOADER}).loadPart(${JSON.stringify(path)})`,
        resolveDir: root,
      }));
    },
  };
}

/** Turns imports of vendors into objects that load the vendor's part when something of it is first used. */
async function lazyVendors() {
  const names = new Map();
  for (const vendor of VENDORS) names.set(vendor, Object.keys(await import(vendor)));
  return {
    name: "vendors are parts",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: new RegExp(`^(${VENDORS.join("|")})$`) }, ({ path }) => ({ path, namespace: "vendor" }));
      onResolve({ filter: /^part:/ }, ({ path }) => ({ path, external: true }));
      onLoad({ filter: /.*/, namespace: "vendor" }, ({ path }) => ({
        contents: [
          "Object.defineProperty(exports, '__esModule', { value: true });",
          `const part = () => require("part:${path}");`,
          `for (const name of ${JSON.stringify(names.get(path))})`,
          "  Object.defineProperty(exports, name, { enumerable: true, get: () => part()[name] });",
        ].join("\n"),
      }));
    },
  };
}
