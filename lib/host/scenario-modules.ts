import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import nodeModule, { createRequire } from "node:module";
import { relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { systemCode } from "../core/errors.ts";
import { hookErrors } from "./hook-errors.ts";
import { RUNTIME } from "./runtime.ts";
import { type ScenarioCompiler, scenarioCompiler } from "./scenario-compiler.ts";
import { insideExecutable } from "./self.ts";

/** What scenarios import to get at us. */
const API_SPECIFIER = "nomos-run";
const API_URL = "nomos-run:api";
/** Where the API's module finds the values that it exports. */
const API = Symbol.for("nomos-run.api");
/** A module whose only work is to import. */
const IMPORTER = "nomos-run:import";

/** The modules that one scenario consists of. */
export interface ScenarioModules {
  /** Imports a file; its whole graph is loaded by our rules. @throws whatever loading or running it throws */
  import(path: string): Promise<Readonly<Record<string, unknown>>>;
  /** Where an import that couldn't be resolved was written, when `error` is the error of one. */
  importOf(error: unknown): FailedImport | undefined;
  readonly compiler: ScenarioCompiler;
  /** Path and source of every file that was loaded, in order. */
  readonly sources: ReadonlyMap<string, string>;
  /** `sha256:<hex>` over all files that were loaded, by their paths relative to `folder`. */
  digest(folder: string): string;
}

/** An import that has no module. */
export interface FailedImport {
  readonly specifier: string;
  /** The file that imports. */
  readonly path: string;
}

/** Teaches this process to load one scenario. To be called once for each. */
export function scenarioModules(options: {
  api: Readonly<Record<string, unknown>>;
  cacheFolder: string | null;
}): ScenarioModules {
  const compiler = scenarioCompiler(options.cacheFolder);
  const sources = new Map<string, string>();
  const failed = new WeakMap<Error, FailedImport>();
  const errors = hookErrors();
  /** URLs of the scenario's own graph: other modules of this process are none of our business. */
  const ours = new Set<string>();
  (globalThis as { [API]?: unknown })[API] = options.api;

  nodeModule.registerHooks({
    resolve(specifier, context, next) {
      if (specifier === API_SPECIFIER) return { url: API_URL, format: "module", shortCircuit: true };
      if (specifier === IMPORTER) return { url: IMPORTER, format: "commonjs", shortCircuit: true };
      if (!ours.has(specifier) && !ours.has(context.parentURL ?? "")) return next(specifier, context);
      return errors.during(() => {
        try {
          const resolved = next(withExtension(specifier, context.parentURL), context);
          assertThere(resolved.url);
          ours.add(resolved.url);
          // Next to a package.json that says "commonjs", as `npm init` writes it, a .ts file is a module all the same.
          return isTypeScript(resolved.url) ? { ...resolved, format: "module" } : resolved;
        } catch (error) {
          if (error instanceof Error && context.parentURL?.startsWith("file:")) {
            failed.set(error, { specifier, path: fileURLToPath(context.parentURL) });
          }
          throw error;
        }
      });
    },
    load(url, context, next) {
      if (url === API_URL) return { format: "module", source: apiSource(options.api), shortCircuit: true };
      if (url === IMPORTER)
        return { format: "commonjs", source: "module.exports = (s) => import(s)", shortCircuit: true };
      // Deno takes JSON that a package requires for a script once there are hooks, and packages are loaded after scenarios.
      if (RUNTIME.name === "Deno" && url.startsWith("file:") && url.endsWith(".json") && !ours.has(url)) {
        return { format: "json", source: readFileSync(fileURLToPath(url), "utf8"), shortCircuit: true };
      }
      if (!ours.has(url) || !url.startsWith("file:")) return next(url, context);
      const path = fileURLToPath(url);
      if (isTypeScript(url)) {
        const source = readFileSync(path, "utf8");
        sources.set(path, source);
        return { format: "module", source: errors.during(() => compiler.compile(path, source)), shortCircuit: true };
      }
      const loaded = next(url, context);
      if (loaded.source) sources.set(path, Buffer.from(loaded.source as string | Uint8Array).toString());
      return loaded;
    },
  });

  return {
    compiler,
    sources,
    importOf: (error) => (error instanceof Error ? failed.get(error) : undefined),
    async import(path) {
      const url = pathToFileURL(path).href;
      ours.add(url);
      try {
        return await importModule(url);
      } catch (error) {
        throw errors.original(error);
      }
    },
    digest(folder) {
      const hash = createHash("sha256");
      const files = [...sources].map(([path, source]) => `${relative(folder, path)}\0${source.length}\0${source}`);
      for (const file of files.sort()) hash.update(file);
      return `sha256:${hash.digest("hex")}`;
    },
  };
}

/** In the executable, code of ours can't import files, so that a module does which the hooks make up. */
function importModule(url: string): Promise<Readonly<Record<string, unknown>>> {
  if (!insideExecutable()) return import(url) as Promise<Record<string, unknown>>;
  const importer = createRequire(import.meta.url)(IMPORTER) as (url: string) => Promise<Record<string, unknown>>;
  return importer(url);
}

/** The module behind `import ... from "nomos-run"`. */
function apiSource(api: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(api).map((name) => `export const ${name} = api.${name};`);
  return ["const api = globalThis[Symbol.for('nomos-run.api')];", ...names].join("\n");
}

function isTypeScript(url: string): boolean {
  return url.startsWith("file:") && /\.m?ts$/.test(url);
}

/** The specifier as it is, or with the extension that makes it name a file: editors leave it out or write `.js`. */
function withExtension(specifier: string, parentUrl: string | undefined): string {
  if (!/^\.\.?\//.test(specifier) || !parentUrl?.startsWith("file:")) return specifier;
  const isThere = (candidate: string) => isFile(new URL(candidate, parentUrl));
  if (isThere(specifier)) return specifier;
  const candidates = [
    `${specifier}.ts`,
    specifier.replace(/\.(m?)js$/, ".$1ts"),
    `${specifier}.js`,
    `${specifier}/index.ts`,
    `${specifier}/index.js`,
  ];
  return candidates.find(isThere) ?? specifier;
}

/** What Node finds by itself: Deno resolves an import to where its file would be, there or not. */
function assertThere(url: string): void {
  if (!url.startsWith("file:") || isFile(url)) return;
  throw Object.assign(new Error(`there is no file ${url}`), { code: "ERR_MODULE_NOT_FOUND" });
}

function isFile(url: string | URL): boolean {
  const path = fileURLToPath(url);
  return existsSync(path) && statSync(path).isFile();
}

/** Whether this is what Node throws for an import that has no module. */
export function isUnresolved(error: unknown): boolean {
  return ["ERR_MODULE_NOT_FOUND", "ERR_UNSUPPORTED_DIR_IMPORT"].includes(systemCode(error) ?? "");
}
