import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import nodeModule from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { CodedError, systemCode } from "../core/errors.ts";
import { cacheKey, openCompileCache } from "./compile-cache.ts";
import { esbuildBinaries } from "./esbuild-binary.ts";
import { sameLinesMap } from "./line-map.ts";
import { RUNTIME } from "./runtime.ts";
import { firstOfEsbuild, placeOfStripper, syntaxError } from "./scenario-syntax.ts";

/** Turns TypeScript into JavaScript, a file at a time. */
export interface ScenarioCompiler {
  /**
   * JavaScript of a file, with every line where it was, or with a source map.
   * @throws CodedError NR-HOST-SCENARIO-SYNTAX, NR-HOST-SCENARIO-COMPILE
   */
  compile(path: string, source: string): string;
  /** What is wrong with a file that compiled and that V8 then refused: where, or undefined when esbuild finds nothing. */
  explain(path: string, source: string): CodedError | undefined;
}

/** A decorator, as far as one line can tell. */
const DECORATOR = /(^|[\s{(;])@[A-Za-z_$]/m;
const LEGACY_DECORATORS = /"experimentalDecorators"\s*:\s*true/;
const COMMENT = /\/\*[^]*?\*\/|\/\/.*/g;

/** @param cacheFolder where compiled files are kept; null for nowhere */
export function scenarioCompiler(cacheFolder: string | null): ScenarioCompiler {
  const cache = openCompileCache(cacheFolder);
  return {
    compile(path, source) {
      const decorators = decoratorsOf(path, source);
      const key = cacheKey("2", RUNTIME.name, RUNTIME.version, path, decorators, source);
      const known = cache.get(key);
      const blanked = known ?? (decorators === "none" ? strip(path, source, "strip") : null);
      const code = blanked ?? transform(path, source, decorators, cacheFolder);
      if (known === null) cache.put(key, code);
      // Only where it is needed: with source maps on, every stack trace costs more.
      if (code.includes("//# sourceMappingURL=data:")) process.setSourceMapsEnabled(true);
      return code;
    },
    explain(path, source) {
      try {
        transform(path, source, decoratorsOf(path, source), cacheFolder);
        return undefined;
      } catch (error) {
        if (error instanceof CodedError) return error;
        throw error;
      }
    },
  };
}

/** Which decorators a file has: blanking types out leaves them in, and V8 doesn't know them. */
type Decorators = "none" | "standard" | "legacy";

function decoratorsOf(path: string, source: string): Decorators {
  if (!DECORATOR.test(source.replaceAll(COMMENT, ""))) return "none";
  return asksForLegacyDecorators(path) ? "legacy" : "standard";
}

/**
 * The source without its types, by Node: blanked out, with all else where it was, or compiled. Null when it has syntax
 * for which that isn't enough.
 */
function strip(path: string, source: string, mode: "strip" | "transform"): string | null {
  const sourceUrl = pathToFileURL(path).href;
  try {
    const code = nodeModule.stripTypeScriptTypes(source, {
      mode,
      sourceUrl,
      ...(mode === "transform" && { sourceMap: true }),
    });
    return mode === "strip" && RUNTIME.mapsByPath ? `${code}\n${sameLinesMap(sourceUrl, source)}` : code;
  } catch (error) {
    if (systemCode(error) === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") return null;
    if (!(error instanceof SyntaxError)) throw error;
    throw syntaxError(path, source, error.message, placeOfStripper(error.stack ?? "", source), error);
  }
}

/** The source compiled by esbuild, with a source map in it; by Node where no place lets esbuild run. */
function transform(path: string, source: string, decorators: Decorators, cacheFolder: string | null): string {
  const problems: string[] = [];
  for (const binary of esbuildBinaries(cacheFolder)) {
    using esbuild = binary;
    const { stdout, stderr, status, error } = runEsbuild(esbuild.path, path, source, decorators);
    if (status === 0) return stdout;
    // Mounted without leave to run programs, or of a system that doesn't know this one.
    if (error || status !== 1) {
      problems.push(`${esbuild.path}: ${error?.message ?? `ended with ${status}`}`);
      continue;
    }
    const { message, place } = firstOfEsbuild(stderr, source);
    throw syntaxError(path, source, message, place);
  }
  // Node's own knows enums, namespaces and parameter properties, but leaves decorators in, which V8 refuses.
  const code = decorators === "none" ? strip(path, source, "transform") : null;
  if (code !== null) return code;
  const why = problems.length > 0 ? `: ${problems.join("; ")}` : "";
  throw new CodedError(
    "NR-HOST-SCENARIO-COMPILE",
    `${path} has decorators, and esbuild, which knows them, can't run${why}`,
    {
      hint: "Set XDG_CACHE_HOME or TMPDIR to a folder that only you can write to and that programs may run from.",
    },
  );
}

function runEsbuild(program: string, path: string, source: string, decorators: Decorators) {
  const tsconfig = { compilerOptions: { experimentalDecorators: decorators === "legacy" } };
  const args = [
    "--loader=ts",
    "--target=node24",
    "--sourcemap=inline",
    "--sources-content=false",
    `--sourcefile=${path}`,
    `--tsconfig-raw=${JSON.stringify(tsconfig)}`,
    "--log-level=error",
    "--color=false",
  ];
  return spawnSync(program, args, { input: source, encoding: "utf8", maxBuffer: 1 << 28 });
}

/** Whether the tsconfig.json that is nearest to a file asks for the decorators that TypeScript had before the standard. */
function asksForLegacyDecorators(path: string): boolean {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const text = readOrNull(join(folder, "tsconfig.json"));
    if (text !== null) return LEGACY_DECORATORS.test(text.replaceAll(COMMENT, ""));
    if (folder === dirname(folder)) return false;
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return null;
  }
}
