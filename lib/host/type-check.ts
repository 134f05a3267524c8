import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CodedError } from "../core/errors.ts";
import { writeDeclarations } from "./declarations.ts";
import { findTool } from "./find-tool.ts";

/** A compiler that takes longer hangs. */
const TIMEOUT_MS = 300_000;
const MOST_OUTPUT_BYTES = 64 * 2 ** 20;

export interface TypeCheckOptions {
  /** Absolute path of the file. */
  readonly path: string;
  /** Where the compiler runs; it names files relative to here. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Options where there is no tsconfig.json; their paths are relative to a folder with declarations. */
  readonly compilerOptions: Readonly<Record<string, unknown>>;
  /** Whether its output may have colours. */
  readonly pretty: boolean;
}

export interface TypeCheckResult {
  /** What it was configured by; null where there is no tsconfig.json. */
  readonly tsconfig: string | null;
  readonly passed: boolean;
  /** What the compiler says. */
  readonly text: string;
}

/** What `check` says where there is no compiler. */
export function noCompiler(): CodedError {
  return new CodedError("NR-HOST-COMPILER", "there is no TypeScript compiler here, so no types are checked", {
    hint: "Install one beside the scenario: npm install typescript. `nomos-run plan` checks all but types without one.",
  });
}

/**
 * Checks a scenario's types and those of all that it imports.
 * @throws CodedError NR-HOST-COMPILER when the compiler can't be run
 */
export async function checkTypes(compiler: string, options: TypeCheckOptions): Promise<TypeCheckResult> {
  const { path, folder, env, pretty } = options;
  const tsconfig = ancestors(dirname(path))
    .map((each) => join(each, "tsconfig.json"))
    .find((each) => existsSync(each));
  const lab = mkdtempSync(join(tmpdir(), "nomos-run-check-"));
  try {
    if (tsconfig === undefined) await writeDeclarations(lab);
    const settings = tsconfig === undefined ? { compilerOptions: options.compilerOptions } : { extends: tsconfig };
    const project = join(lab, "tsconfig.json");
    writeFileSync(project, JSON.stringify({ ...settings, files: [path], include: [] }));
    const args = ["--project", project, "--noEmit", "--pretty", String(pretty)];
    const { status, stdout, stderr, error } = spawnSync(compiler, args, {
      cwd: folder,
      env: { ...env },
      encoding: "utf8",
      timeout: TIMEOUT_MS,
      maxBuffer: MOST_OUTPUT_BYTES,
    });
    if (error || status === null || status > 2) {
      throw new CodedError("NR-HOST-COMPILER", `${compiler} can't be run: ${error?.message ?? stderr.trim()}`, {
        hint: "Install another beside the scenario: npm install typescript.",
        ...(error ? { cause: error } : {}),
      });
    }
    return { tsconfig: tsconfig ?? null, passed: status === 0, text: `${stdout}${stderr}` };
  } finally {
    rmSync(lab, { recursive: true, force: true });
  }
}

/** The TypeScript compiler that is nearest: a `node_modules` beside the file or above it, then `PATH`. */
export function findCompiler(folder: string, env: TypeCheckOptions["env"]): string | null {
  // TypeScript 7 is a program; older ones are scripts that need a Node.
  const native = `@typescript/typescript-${process.platform}-${process.arch}/lib/tsc`;
  const names = findTool("node", env) === null ? [native] : [native, ".bin/tsc"];
  const beside = ancestors(folder).flatMap((each) => names.map((name) => join(each, "node_modules", name)));
  return beside.find((path) => existsSync(path)) ?? findTool("tsc", env);
}

/** The folder and all above it, nearest first. */
function ancestors(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...ancestors(parent)];
}
