import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { CodedError, systemCode } from "../core/errors.ts";
import { packTar, unpackTar } from "./archive.ts";
import { esbuildBinaries } from "./esbuild-binary.ts";
import { isPrivateFolder } from "./private-folder.ts";

const MANIFEST = "nomos-bundle.json";

/** Files that say how those beside and below them are read. */
const SETTINGS = ["package.json", "tsconfig.json"];

interface Manifest {
  readonly v: 1;
  /** Path of the scenario file in the archive. */
  readonly scenario: string;
  /** SHA-256 of every file, by its path. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Packs a scenario file, all that it imports, packages included, and other files into one archive.
 * @returns paths of what was packed, as they are in the archive
 * @throws CodedError NR-HOST-BUNDLE
 */
export async function packScenario(options: {
  path: string;
  assets: readonly string[];
  out: string;
  cacheFolder: string | null;
}): Promise<readonly string[]> {
  const imported = importsOf(options.path, options.cacheFolder);
  const root = commonFolder([...imported, ...options.assets]);
  const settings = imported.flatMap((path) => settingsAbove(path, root));
  const staging = mkdtempSync(join(tmpdir(), "nomos-run-bundle-"));
  try {
    const places = [...new Set([...imported, ...settings, ...options.assets])]
      .map((path) => relative(root, path))
      .sort();
    for (const place of places) {
      mkdirSync(dirname(join(staging, place)), { recursive: true });
      cpSync(join(root, place), join(staging, place), { recursive: true, dereference: true });
    }
    const files = Object.fromEntries(
      places.filter((place) => isFile(staging, place)).map((place) => [place, sha256(join(staging, place))]),
    );
    const manifest: Manifest = { v: 1, scenario: relative(root, options.path), files };
    writeFileSync(join(staging, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    await packTar(options.out, staging, [MANIFEST, ...places]);
    return places;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/**
 * Unpacks a packed scenario into `cacheFolder`, by the archive's digest, unless it is there as it was packed.
 * @returns path of its scenario file
 * @throws CodedError NR-HOST-BUNDLE, NR-HOST-ARCHIVE
 */
export async function openBundle(archive: string, cacheFolder: string | null): Promise<string> {
  const bundles = cacheFolder === null ? null : join(cacheFolder, "bundles");
  if (bundles === null || !isPrivateFolder(bundles)) {
    throw new CodedError("NR-HOST-BUNDLE", `${archive} needs a folder that only you can write to, to be unpacked`, {
      hint: "Set XDG_CACHE_HOME to one.",
    });
  }
  const folder = join(bundles, sha256(archive));
  const known = existsSync(folder) ? intactScenario(folder) : null;
  if (known !== null) return known;
  const fresh = mkdtempSync(join(bundles, ".unpack-"));
  try {
    await unpackTar(archive, fresh);
    if (intactScenario(fresh) === null) {
      throw new CodedError("NR-HOST-BUNDLE", `${archive} is no packed scenario, or not whole`, {
        hint: "Pack it again: nomos-run bundle FILE.",
      });
    }
    rmSync(folder, { recursive: true, force: true });
    try {
      renameSync(fresh, folder);
    } catch (error) {
      // Another start has put the same there meanwhile.
      if (systemCode(error) !== "ENOTEMPTY" && systemCode(error) !== "EEXIST") throw error;
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return intactScenario(folder) ?? folder;
}

/** Path of the scenario in an unpacked bundle whose files are all as they were packed; null otherwise. */
function intactScenario(folder: string): string | null {
  const manifest = readManifest(join(folder, MANIFEST));
  if (manifest === null) return null;
  const isWhole = Object.entries(manifest.files).every(([place, digest]) => {
    const path = join(folder, place);
    return path.startsWith(`${folder}${sep}`) && existsSync(path) && sha256(path) === digest;
  });
  return isWhole && manifest.scenario in manifest.files ? join(folder, manifest.scenario) : null;
}

function readManifest(path: string): Manifest | null {
  if (!existsSync(path)) return null;
  try {
    const { v, scenario, files } = (JSON.parse(readFileSync(path, "utf8")) ?? {}) as Partial<Manifest>;
    return v === 1 && typeof scenario === "string" && files ? { v, scenario, files } : null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return null;
  }
}

/** Absolute paths of a file and all that it imports, as esbuild finds them. */
function importsOf(path: string, cacheFolder: string | null): string[] {
  const lab = mkdtempSync(join(tmpdir(), "nomos-run-graph-"));
  const metafile = join(lab, "graph.json");
  const args = [path, "--bundle", "--platform=node", "--format=esm", "--external:nomos-run", `--metafile=${metafile}`];
  args.push(`--outfile=${join(lab, "out.mjs")}`, "--log-level=error", "--color=false");
  const problems: string[] = [];
  try {
    for (const binary of esbuildBinaries(cacheFolder)) {
      using esbuild = binary;
      const { status, stderr, error } = spawnSync(esbuild.path, args, { cwd: dirname(path), encoding: "utf8" });
      if (status === 0) {
        const { inputs } = JSON.parse(readFileSync(metafile, "utf8")) as { inputs: Record<string, unknown> };
        return Object.keys(inputs).map((input) => resolve(dirname(path), input));
      }
      problems.push(error?.message ?? stderr.trim());
    }
  } finally {
    rmSync(lab, { recursive: true, force: true });
  }
  throw new CodedError("NR-HOST-BUNDLE", `what ${path} imports can't be found: ${problems.join("; ")}`, {
    hint: "nomos-run plan says what is wrong with a file.",
  });
}

function commonFolder(paths: readonly string[]): string {
  const folders = paths.map((path) => dirname(path).split(sep));
  const [first = []] = folders;
  let length = first.length;
  for (const parts of folders)
    while (parts.slice(0, length).join(sep) !== first.slice(0, length).join(sep)) length -= 1;
  return first.slice(0, length).join(sep) || sep;
}

function settingsAbove(path: string, root: string): string[] {
  const found: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    found.push(...SETTINGS.map((name) => join(folder, name)).filter((each) => existsSync(each)));
    if (folder === root) return found;
  }
}

function isFile(folder: string, place: string): boolean {
  return statSync(join(folder, place)).isFile();
}

function sha256(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
