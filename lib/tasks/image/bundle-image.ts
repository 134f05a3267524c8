import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, systemCode } from "../../core/errors.ts";
import type { Engine } from "../../host/docker/engine.ts";
import { type BuiltImage, buildImage, buildImageOn } from "../../host/docker/image.ts";
import { librariesOf, type RootFile, rootFiles } from "../../host/docker/root-files.ts";
import { linuxProgram } from "../../host/elf.ts";
import type { TaskContext } from "../../model/task.ts";
import { META_FILE, TAR_FOLDER } from "../bundle/meta.ts";

/** Where the original's images have these, and where its containers look for them. */
const PROGRAMS = "/usr/bin";
const CIRCUITS = "/opt/circuits";
const KZG = "/opt/nomos/kzg-params/kzgrs_test_params";
/** What the KZG parameters are called in folders of circuits. */
const KZG_FILE = "kzgrs_test_params";
/** Real nodes keep what they recover from in there. */
const RECOVERY = "/recovery";

/** Docker's names of processors, by Linux's. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

/** What an image of real nodes is made of. */
export interface BundleImage {
  readonly name: string;
  /** Absolute path of the bundle. */
  readonly tar: string;
  readonly packages: readonly string[];
  /** `scratch`, or an image that the engine has. */
  readonly base: string;
  /** Absolute paths, where they are not the bundle's own. */
  readonly circuits: string | null;
  readonly kzg: string | null;
}

/**
 * Makes an image of real nodes with their circuits and KZG parameters.
 * @throws CodedError NR-TASK-BUNDLE, NR-TASK-INPUT, NR-HOST-ARCHIVE, NR-DOCKER-*
 */
export async function buildBundleImage(engine: Engine, wanted: BundleImage, context: TaskContext): Promise<BuiltImage> {
  const { name, tar, packages, base } = wanted;
  const { scratch, clock, note, progress, forced: force } = context;
  progress(`unpacking ${tar}`);
  const folder = join(scratch, TAR_FOLDER);
  await context.unpack(tar, folder, { strip: 1 });
  await readFile(join(folder, META_FILE)).catch((error: unknown) => {
    if (systemCode(error) !== "ENOENT") throw error;
    throw noBundle(`${tar} is no bundle: it has no ${TAR_FOLDER}/${META_FILE}`);
  });
  const programs = packages.map((each) => ({ file: join(folder, each), path: `${PROGRAMS}/${each}` }));
  for (const { file, path } of programs)
    await checkProgram(engine, file, `${path.slice(PROGRAMS.length + 1)} in ${tar}`);
  const circuits = await filesOf(wanted.circuits ?? join(folder, "circuits"), CIRCUITS);
  if (circuits.length === 0) {
    throw new CodedError(
      "NR-TASK-INPUT",
      `there are no circuits ${wanted.circuits ? `in ${wanted.circuits}` : `in ${tar}`}`,
      {
        hint: "Fetch them with nomos-run task setup-circuits, then give circuits=FOLDER.",
      },
    );
  }
  const kzg = await kzgOf(wanted, circuits);
  const own: RootFile[] = [
    ...programs.map(({ file, path }) => ({ path, mode: 0o755, content: { file } })),
    ...circuits.filter(({ path }) => path !== `${CIRCUITS}/${KZG_FILE}`),
    { path: KZG, mode: 0o644, content: { file: kzg } },
  ];
  const recipe = {
    name,
    command: [`${PROGRAMS}/${packages[0]}`],
    env: { NOMOS_CIRCUITS: CIRCUITS, NOMOS_KZGRS_PARAMS_PATH: KZG },
    folders: [RECOVERY],
    force,
  };
  if (base !== "scratch") {
    progress(`putting them on ${base}`);
    return await buildImageOn(engine, base, { ...recipe, files: own });
  }
  progress("looking which C libraries they need");
  const started: string[] = [];
  for (const { path, content } of own) {
    const file = typeof content === "string" ? "" : content.file;
    const program = await linuxProgram(file);
    if (!program) continue;
    if (ARCHITECTURES[program.processor] === engine.architecture) started.push(file);
    else note(`${path} is for ${program.processor}: nodes can't start it on ${engine.architecture}`);
  }
  const libraries = await librariesOf(started, clock);
  return await buildImage(engine, { ...recipe, files: rootFiles([...own, ...libraries]) });
}

async function checkProgram({ architecture }: Engine, file: string, what: string): Promise<void> {
  const program = await linuxProgram(file).catch((error: unknown) => {
    if (systemCode(error) !== "ENOENT") throw error;
    throw noBundle(`there is no ${what}`, "packages= names the programs that it must have.");
  });
  if (!program) throw noBundle(`${what} is no Linux program`, "Build the bundle on Linux.");
  if (ARCHITECTURES[program.processor] === architecture) return;
  throw noBundle(
    `${what} is for ${program.processor}, and the engine's machine is ${architecture}`,
    "Use a bundle that was built for it.",
  );
}

/** All files of a folder, where an image has them; none where there is no such folder. */
async function filesOf(folder: string, place: string): Promise<RootFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  });
  const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.map(async (file) => {
      const is = await stat(file);
      const path = `${place}${file.slice(folder.length)}`;
      return is.isFile() ? [{ path, mode: (is.mode & 0o111) > 0 ? 0o755 : 0o644, content: { file } }] : [];
    }),
  );
  return files.flat().toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The file of KZG parameters: the one named, or that of a folder named, else the circuits'. */
async function kzgOf({ kzg }: BundleImage, circuits: readonly RootFile[]): Promise<string> {
  if (kzg !== null) {
    const file = (await stat(kzg).catch(() => null))?.isDirectory() ? join(kzg, KZG_FILE) : kzg;
    if ((await stat(file).catch(() => null))?.isFile()) return file;
    throw new CodedError("NR-TASK-INPUT", `there is no file of KZG parameters at ${file}`);
  }
  const content = circuits.find(({ path }) => path === `${CIRCUITS}/${KZG_FILE}`)?.content;
  if (content !== undefined && typeof content !== "string") return content.file;
  throw new CodedError("NR-TASK-INPUT", `the circuits have no KZG parameters beside them: there is no ${KZG_FILE}`, {
    hint: "nomos-run task setup-circuits fetches them too; or give kzg=FILE.",
  });
}

function noBundle(message: string, hint = "Make one with: nomos-run task build-bundle path=CHECKOUT"): CodedError {
  return new CodedError("NR-TASK-BUNDLE", message, { hint });
}
