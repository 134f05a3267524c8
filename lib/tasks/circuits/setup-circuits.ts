import { chmod, copyFile, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CodedError } from "../../core/errors.ts";
import { checkedDigest } from "../../host/file-digest.ts";
import type { TaskContext, TaskGiven } from "../../model/task.ts";
import { task } from "../../plan/task.ts";
import { checkPlatform, hostPlatform, type Platform } from "../platform.ts";

/** The release that the original's testing framework used last with KZG parameters. */
const VERSION = "v0.3.1";
/** The node's revision of the same time, whose tests hold the parameters. */
const NODE_REV = "ad104981ca79da20183550b5aced9e49773fb6d5";
const RELEASES = "https://github.com/logos-co/nomos-circuits/releases/download";
const NODE_FILES = "https://raw.githubusercontent.com/logos-co/nomos-node";
const KZG_FILE = "kzgrs_test_params";

/** What is tried where a release lacks a platform: its provers then run emulated, or not at all. */
const FALLBACKS: Readonly<Record<Platform, readonly Platform[]>> = {
  "linux-x86_64": [],
  "linux-aarch64": ["linux-x86_64"],
  "macos-aarch64": [],
  "macos-x86_64": ["macos-aarch64", "linux-x86_64"],
};

/** Hosts that GITHUB_TOKEN is for. */
const GITHUB = new Set(["github.com", "raw.githubusercontent.com"]);

/** Proving circuits and KZG parameters of real nodes. */
export const setupCircuits = task("setup-circuits", {
  description: "Fetch the proving circuits and KZG parameters that real nodes need",
  options: {
    version: {
      summary: "release of the circuits, such as v0.3.1",
      default: VERSION,
      variable: "NOMOS_CIRCUITS_VERSION",
      check: (value) => (/^v?\d+(\.\d+)*([.-]\w+)*$/.test(value) ? undefined : "is not a version such as v0.3.1"),
    },
    dir: { summary: "folder to make", default: "~/.nomos-circuits", variable: "NOMOS_CIRCUITS" },
    platform: {
      summary: "system and processor they are for",
      default: hostPlatform() ?? "linux-x86_64",
      variable: "NOMOS_CIRCUITS_PLATFORM",
      check: checkPlatform,
    },
    url: { summary: "where releases are, without version and file name", default: RELEASES, check: checkUrl },
    archive: { summary: "a release's tar.gz that is here already, in place of fetching it" },
    sha256: { summary: "what the SHA-256 of that file must be", check: checkSha256 },
    kzg: { summary: "a file of KZG parameters that is here already, or none", check: checkNotEmpty },
    "kzg-url": {
      summary: "where the node's files are, without revision and path",
      default: NODE_FILES,
      check: checkUrl,
    },
    "kzg-rev": {
      summary: "revision of the node whose KZG parameters to take",
      default: NODE_REV,
      variable: "NOMOS_NODE_REV",
      check: (value) => (/^[\w.-]+$/.test(value) ? undefined : "is not a revision"),
    },
    "kzg-sha256": { summary: "what the SHA-256 of the KZG parameters must be", check: checkSha256 },
  },
  inputs: ({ options }) => [options["archive"], options["kzg"] === "none" ? undefined : options["kzg"]].filter(isGiven),
  outputs: ({ options }) => ({ circuits: options["dir"] as string }),
  steps: (given) => [
    given.options["archive"]
      ? `unpack ${given.options["archive"]}`
      : `fetch and unpack ${archiveUrl(given, platformOf(given))}`,
    ...(given.options["kzg"] === "none"
      ? []
      : [`take the KZG parameters from ${given.options["kzg"] ?? kzgUrl(given)}`]),
  ],
  timeout: "1h",
  recipe: "1",
  async run(ctx) {
    const { out, options } = ctx;
    const circuits = out["circuits"] as string;
    const archive = await archiveOf(ctx);
    await ctx.unpack(archive.path, circuits, { strip: 1 });
    await checkCircuits(circuits, archive.from);
    const kzg = await kzgOf(ctx, join(circuits, KZG_FILE));
    await writeFile(join(circuits, "VERSION"), `${options["version"]}\n`);
    const sources = {
      version: options["version"],
      platform: archive.platform,
      archive: archive.from,
      archiveSha256: archive.sha256,
      kzg,
    };
    await writeFile(join(circuits, "sources.json"), `${JSON.stringify(sources, null, 2)}\n`);
    ctx.note(
      `for real nodes: NOMOS_CIRCUITS=${resolve(ctx.folder, options["dir"] as string).replace(/^.*\/~\//, "~/")}`,
    );
  },
});

function platformOf({ options }: TaskGiven): Platform {
  return options["platform"] as Platform;
}

function archiveUrl({ options }: TaskGiven, platform: Platform): string {
  const { url, version } = options;
  return `${url?.replace(/\/+$/, "")}/${version}/nomos-circuits-${version}-${platform}.tar.gz`;
}

function kzgUrl({ options }: TaskGiven): string {
  return `${options["kzg-url"]?.replace(/\/+$/, "")}/${options["kzg-rev"]}/tests/kzgrs/${KZG_FILE}`;
}

interface Archive {
  readonly path: string;
  /** Where it came from. */
  readonly from: string;
  readonly platform: Platform;
  readonly sha256: string | null;
}

async function archiveOf(ctx: TaskContext): Promise<Archive> {
  const { archive, sha256 } = ctx.options;
  const platform = platformOf(ctx);
  const local = archive === undefined ? null : resolve(ctx.folder, archive);
  // A file that is here is copied and checked by the same means.
  if (local !== null) return { path: local, from: local, platform, sha256: await checkedDigest(local, sha256) };
  const path = join(ctx.scratch, "archive.tar.gz");
  for (const candidate of [platform, ...FALLBACKS[platform]]) {
    const url = archiveUrl(ctx, candidate);
    try {
      const digest = await ctx.download(url, path, { sha256, headers: authorization(url, ctx.env) });
      if (candidate !== platform) {
        ctx.note(`there is no release for ${platform}: took ${candidate}, whose programs this machine may not run`);
      }
      return { path, from: url, platform: candidate, sha256: digest };
    } catch (thrown) {
      if (!isMissing(thrown) || candidate === FALLBACKS[platform].at(-1) || FALLBACKS[platform].length === 0)
        throw thrown;
    }
  }
  throw new CodedError("NR-CORE-INTERNAL", `no platform was tried for ${platform}`);
}

async function kzgOf(ctx: TaskContext, path: string): Promise<unknown> {
  const { kzg, "kzg-sha256": expected } = ctx.options;
  if (kzg === "none") return null;
  if (kzg !== undefined) {
    const from = resolve(ctx.folder, kzg);
    const sha256 = await checkedDigest(from, expected);
    await copyFile(from, path);
    await chmod(path, 0o644);
    return { from, sha256 };
  }
  const from = kzgUrl(ctx);
  const headers = authorization(from, ctx.env);
  return { from, sha256: await ctx.download(from, path, { sha256: expected, headers }) };
}

/** What a release must hold, for a node to start with it. */
async function checkCircuits(folder: string, from: string): Promise<void> {
  const path = join(folder, "zksign", "witness_generator");
  const there = await stat(path).catch(() => null);
  if (there?.isFile() && (there.mode & 0o100) > 0) return;
  const message = `${from} holds no circuits: zksign/witness_generator is ${there ? "no program" : "not in it"}`;
  throw new CodedError("NR-TASK-BUNDLE", message, { hint: "Check version and URL; nothing of it was put to use." });
}

function authorization(url: string, env: TaskContext["env"]): Record<string, string> {
  const { GITHUB_TOKEN: token = "" } = env;
  return token !== "" && GITHUB.has(new URL(url).hostname) ? { authorization: `Bearer ${token}` } : {};
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof CodedError && thrown.code === "NR-HOST-DOWNLOAD-MISSING";
}

function isGiven(value: string | undefined): value is string {
  return value !== undefined;
}

function checkUrl(value: string): string | undefined {
  const url = URL.parse(value);
  if (!url || !["http:", "https:"].includes(url.protocol)) return "is not an http or https URL";
  return url.username || url.password ? "has credentials in it, and would be recorded" : undefined;
}

function checkSha256(value: string): string | undefined {
  return /^[0-9a-f]{64}$/i.test(value) ? undefined : "is not 64 hexadecimal digits";
}

function checkNotEmpty(value: string): string | undefined {
  return value === "" ? "is empty" : undefined;
}
