import { spawnSync } from "node:child_process";
import nodeModule from "node:module";
import { pathToFileURL } from "node:url";
import { CodedError, systemCode } from "../core/errors.ts";
import { cacheKey, openCompileCache } from "./compile-cache.ts";
import { esbuildBinary } from "./esbuild-binary.ts";

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

/** A decorator, as far as one line can tell. Blanking types out leaves them in, and V8 doesn't know them. */
const DECORATOR = /(^|[\s{(;])@[A-Za-z_$]/m;

/** @param cacheFolder where compiled files are kept; null for nowhere */
export function scenarioCompiler(cacheFolder: string | null): ScenarioCompiler {
  const cache = openCompileCache(cacheFolder);
  return {
    compile(path, source) {
      const key = cacheKey("1", process.version, path, source);
      const known = cache.get(key);
      const code = known ?? blankTypes(path, source) ?? transform(path, source, cacheFolder);
      if (known === null) cache.put(key, code);
      // Only where it is needed: with source maps on, every stack trace costs more.
      if (code.includes("//# sourceMappingURL=data:")) process.setSourceMapsEnabled(true);
      return code;
    },
    explain(path, source) {
      try {
        transform(path, source, cacheFolder);
        return undefined;
      } catch (error) {
        if (error instanceof CodedError) return error;
        throw error;
      }
    },
  };
}

/** The source with its types blanked out, or null when it has syntax for which that isn't enough. */
function blankTypes(path: string, source: string): string | null {
  if (DECORATOR.test(source)) return null;
  try {
    return nodeModule.stripTypeScriptTypes(source, { mode: "strip", sourceUrl: pathToFileURL(path).href });
  } catch (error) {
    if (systemCode(error) === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") return null;
    if (!(error instanceof SyntaxError)) throw error;
    const line = /:(\d+)\n/.exec(error.stack ?? "")?.[1];
    throw syntaxError(path, line, error.message, error);
  }
}

/** The source compiled by esbuild, with a source map in it. */
function transform(path: string, source: string, cacheFolder: string | null): string {
  using esbuild = esbuildBinary(cacheFolder);
  const { stdout, stderr, status, error } = spawnSync(
    esbuild.path,
    [
      "--loader=ts",
      "--target=node24",
      "--sourcemap=inline",
      "--sources-content=false",
      `--sourcefile=${path}`,
      "--log-level=error",
      "--color=false",
    ],
    { input: source, encoding: "utf8", maxBuffer: 1 << 28 },
  );
  if (error) {
    throw new CodedError("NR-HOST-SCENARIO-COMPILE", `${path} can't be compiled: ${error.message}`, {
      hint: "It uses syntax that needs esbuild (enum, namespace, decorator, parameter property); without them it would load.",
      cause: error,
    });
  }
  if (status === 0) return stdout;
  const [, message = stderr.trim()] = /\[ERROR\] (.+)/.exec(stderr) ?? [];
  throw syntaxError(path, /^ {4}.+?:(\d+):\d+:$/m.exec(stderr)?.[1], message);
}

function syntaxError(path: string, line: string | undefined, message: string, cause?: unknown): CodedError {
  return new CodedError("NR-HOST-SCENARIO-SYNTAX", message, {
    at: line === undefined ? path : `${path}:${line}`,
    hint: "Correct the file; an editor with TypeScript marks the place.",
    ...(cause === undefined ? {} : { cause }),
  });
}
