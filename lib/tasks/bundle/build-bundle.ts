import { chmod, copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CodedError, systemCode } from "../../core/errors.ts";
import { findTool } from "../../host/find-tool.ts";
import type { TaskContext, TaskGiven } from "../../model/task.ts";
import { task } from "../../plan/task.ts";
import { checkPlatform, hostPlatform, programPlatform } from "../platform.ts";
import { type CargoBuild, cargoArguments, cargoBuild } from "./cargo-build.ts";
import { checkRevision, META_FILE, metaText, readMeta, TAR_FOLDER } from "./meta.ts";

const NAMES = /^[\w-]+(,[\w-]+)*$/;

/** Binaries of real nodes, built from a checkout or taken from a bundle that somebody built. */
export const buildBundle = task("build-bundle", {
  description: "Build node binaries from a checkout, or restore them from a bundle",
  options: {
    path: { summary: "checkout of the node to build from", variable: "NOMOS_NODE_PATH" },
    tar: { summary: "bundle to restore instead", variable: "NOMOS_BINARIES_TAR" },
    rev: {
      summary: "revision of the node that it must be",
      variable: "NOMOS_NODE_REV",
      check: (value) => (/^[0-9a-f]{7,40}$/.test(value) ? undefined : "is not 7 to 40 hexadecimal digits"),
    },
    dir: { summary: "folder of binaries to make", default: ".nomos-run/bundle" },
    output: { summary: "bundle to make when it is built", default: ".nomos-run/nomos-binaries.tar.gz" },
    packages: {
      summary: "programs of the bundle, by their packages",
      default: "nomos-node,nomos-executor",
      check: checkNames,
    },
    features: { summary: "features beside testing", variable: "NOMOS_EXTRA_FEATURES", check: checkNames },
    profile: { summary: "cargo's profile", default: "debug", check: checkNames },
    toolchain: {
      summary: "rustup's toolchain",
      variable: "BUNDLE_RUSTUP_TOOLCHAIN",
      check: (value) => (/^[\w.-]+$/.test(value) ? undefined : "is not a toolchain's name"),
    },
    offline: { summary: "yes: cargo fetches nothing", default: "no", check: checkYesNo },
    circuits: { summary: "folder of circuits to put in when it is built" },
    platform: { summary: "what binaries must be for", default: hostPlatform() ?? "linux-x86_64", check: checkPlatform },
  },
  needs: { tools: (given) => (sourceOf(given).tar === undefined ? ["cargo"] : []) },
  inputs: (given) => {
    const { tar, path } = sourceOf(given);
    return [tar ?? path, given.options["circuits"]].filter((each) => each !== undefined);
  },
  outputs: (given): Record<string, string> => {
    const { dir, output } = given.options as Record<string, string>;
    return sourceOf(given).tar === undefined ? { dir: dir as string, tar: output as string } : { dir: dir as string };
  },
  steps: (given) => {
    const { tar } = sourceOf(given);
    if (tar !== undefined) return [`unpack ${tar}`, "check its revision and what its binaries are for"];
    return [`cargo ${cargoArguments(buildOf(given)).join(" ")}`, `pack the binaries into ${given.options["output"]}`];
  },
  timeout: "3h",
  recipe: "1",
  run: (ctx) =>
    sourceOf(ctx).tar === undefined ? build(ctx) : restore(ctx, resolve(ctx.folder, sourceOf(ctx).tar as string)),
});

/** @throws CodedError NR-TASK-OPTION when there is no source, or more than one */
function sourceOf({ options: { path, tar } }: TaskGiven): { path: string | undefined; tar: string | undefined } {
  if ((path === undefined) !== (tar === undefined)) return { path, tar };
  const message = path === undefined ? "is given neither a checkout nor a bundle" : "is given a checkout and a bundle";
  throw new CodedError("NR-TASK-OPTION", `task build-bundle ${message}`, {
    hint: "Give path=CHECKOUT to build, or tar=FILE to restore.",
  });
}

function buildOf({ options, folder }: TaskGiven): CargoBuild {
  return {
    checkout: resolve(folder, options["path"] as string),
    packages: (options["packages"] as string).split(","),
    features: ["testing", ...(options["features"]?.split(",") ?? [])],
    profile: options["profile"] as string,
    toolchain: options["toolchain"],
    offline: options["offline"] === "yes",
  };
}

async function build(ctx: TaskContext): Promise<void> {
  const how = buildOf(ctx);
  await readFile(join(how.checkout, "Cargo.toml")).catch((cause: unknown) => {
    throw new CodedError("NR-TASK-INPUT", `${how.checkout} is no checkout: it has no Cargo.toml`, { cause });
  });
  const { head, dirty } = await revisionOf(ctx, how.checkout);
  checkRevision(
    ctx.options["rev"],
    head,
    how.checkout,
    `Check that revision out in ${how.checkout}, or leave rev away.`,
  );
  const programs = await cargoBuild(ctx, how);
  const dir = ctx.out["dir"] as string;
  await mkdir(dir);
  for (const name of how.packages) {
    await copyFile(programs.get(name) as string, join(dir, name));
    await chmod(join(dir, name), 0o755);
  }
  const { circuits } = ctx.options;
  if (circuits !== undefined) {
    await cp(resolve(ctx.folder, circuits), join(dir, "circuits"), { recursive: true, dereference: true });
  }
  const meta = {
    nomos_node_path: how.checkout,
    nomos_node_rev: ctx.options["rev"] ?? head,
    nomos_node_git_head: head,
    platform: (await programPlatform(join(dir, how.packages[0] as string))) ?? "",
    features: how.features.join(","),
    profile: how.profile,
    dirty: dirty ? "yes" : "no",
  };
  await writeFile(join(dir, META_FILE), metaText(meta));
  await cp(dir, join(ctx.scratch, TAR_FOLDER), { recursive: true });
  await ctx.pack(ctx.out["tar"] as string, ctx.scratch, [TAR_FOLDER]);
}

async function restore(ctx: TaskContext, tar: string): Promise<void> {
  const dir = ctx.out["dir"] as string;
  await ctx.unpack(tar, dir, { strip: 1 });
  const text = await readFile(join(dir, META_FILE), "utf8").catch((error: unknown) => {
    if (systemCode(error) !== "ENOENT") throw error;
    throw new CodedError("NR-TASK-BUNDLE", `${tar} is no bundle: it has no ${TAR_FOLDER}/${META_FILE}`, {
      hint: "Make one with: nomos-run task build-bundle path=CHECKOUT",
    });
  });
  const meta = readMeta(text);
  const revision = meta.nomos_node_git_head || meta.nomos_node_rev || "";
  checkRevision(ctx.options["rev"], revision, tar, "Build it from that revision, or leave rev away.");
  const { platform, packages } = ctx.options;
  for (const name of (packages as string).split(",")) {
    const is = await programPlatform(join(dir, name)).catch((error: unknown) => {
      if (systemCode(error) !== "ENOENT") throw error;
      throw new CodedError("NR-TASK-BUNDLE", `${tar} has no ${name} in it`, {
        hint: "packages= names the programs that it must have.",
      });
    });
    if (is !== platform) {
      throw new CodedError("NR-TASK-BUNDLE", `${name} in ${tar} is for ${is ?? "no system"}, and not for ${platform}`, {
        hint: "Use a bundle that was built on this kind of machine.",
      });
    }
    await chmod(join(dir, name), 0o755);
  }
}

/** The commit that is checked out, and whether files differ from it; empty where git knows nothing. */
async function revisionOf(ctx: TaskContext, checkout: string): Promise<{ head: string; dirty: boolean }> {
  if (findTool("git", ctx.env) === null) return { head: "", dirty: false };
  const head = await ctx.$({ nothrow: true })`git -C ${checkout} rev-parse HEAD`;
  if (head.exitCode !== 0) return { head: "", dirty: false };
  const status = await ctx.$`git -C ${checkout} status --porcelain --untracked-files=no`;
  const dirty = status.stdout.trim() !== "";
  if (dirty) ctx.note(`${checkout} has changes that ${head.stdout.trim().slice(0, 12)} lacks`);
  return { head: head.stdout.trim(), dirty };
}

function checkNames(value: string): string | undefined {
  return NAMES.test(value) ? undefined : "is not a list of names, such as a,b";
}

function checkYesNo(value: string): string | undefined {
  return value === "yes" || value === "no" ? undefined : "is neither yes nor no";
}
