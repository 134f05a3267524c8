import { join } from "node:path";
import { CodedError } from "../../core/errors.ts";
import type { TaskContext } from "../../model/task.ts";

/** How node binaries are built. */
export interface CargoBuild {
  /** Folder of the checkout; absolute. */
  readonly checkout: string;
  readonly packages: readonly string[];
  readonly features: readonly string[];
  readonly profile: string;
  readonly toolchain: string | undefined;
  readonly offline: boolean;
}

/** Switches off Groth16 leader proofs in nodes that are told so by POL_PROOF_DEV_MODE; the original's bundles have it. */
const DEV_MODE = '--cfg feature="pol-dev-mode"';

/** cargo's arguments. */
export function cargoArguments({ checkout, packages, features, profile, toolchain, offline }: CargoBuild): string[] {
  return [
    ...(toolchain === undefined ? [] : [`+${toolchain}`]),
    "build",
    "--manifest-path",
    join(checkout, "Cargo.toml"),
    ...packages.flatMap((name) => ["-p", name]),
    ...(features.length === 0 ? [] : ["--features", features.join(",")]),
    // cargo calls its debug profile dev.
    "--profile",
    profile === "debug" ? "dev" : profile,
    ...(offline ? ["--offline"] : []),
    "--message-format",
    "json-render-diagnostics",
  ];
}

/**
 * Builds, and resolves with the path of each package's program of the same name.
 * @throws CodedError NR-HOST-COMMAND, NR-TASK-BUNDLE
 */
export async function cargoBuild(ctx: TaskContext, build: CargoBuild): Promise<ReadonlyMap<string, string>> {
  ctx.progress(`cargo builds ${build.packages.join(", ")}`);
  const flags = [ctx.env["RUSTFLAGS"] ?? "", DEV_MODE].join(" ").trim();
  const { stdout } = await ctx.$({ env: { ...ctx.env, RUSTFLAGS: flags } })`cargo ${cargoArguments(build)}`;
  const programs = new Map<string, string>();
  for (const line of stdout.split("\n")) {
    const message = line.startsWith("{") ? (JSON.parse(line) as CargoMessage) : null;
    if (message?.executable && message.target) programs.set(message.target.name, message.executable);
  }
  const missing = build.packages.filter((name) => !programs.has(name));
  if (missing.length > 0) {
    throw new CodedError("NR-TASK-BUNDLE", `${build.checkout} builds no program ${missing.join(" and no ")}`, {
      hint: `It builds ${[...programs.keys()].join(", ") || "none"}. packages= names others.`,
    });
  }
  return programs;
}

/** A line of cargo's JSON messages, as far as it matters here. */
interface CargoMessage {
  readonly executable?: string | null;
  readonly target?: { readonly name: string };
}
