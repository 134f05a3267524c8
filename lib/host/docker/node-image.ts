import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../core/clock.ts";
import { CodedError } from "../../core/errors.ts";
import { BUILD, isSameBuild } from "../build-stamp.ts";
import { insideExecutable } from "../self.ts";
import type { Engine } from "./engine.ts";
import { type BuiltImage, buildImage } from "./image.ts";
import { loadNodeImage } from "./image-archive.ts";
import { BUILD_LABEL, type ImageRecipe } from "./image-recipe.ts";
import { type RootFile, rootFilesOf } from "./root-files.ts";

/** What the embedded node's image is called; its tag is a digest of its content. */
export const NODE_IMAGE = "nomos-run-node";
/** Where this program is in it. */
export const PROGRAM_PATH = "/usr/bin/nomos-run";

/** Node's names of processors, by Docker's. */
const PROCESSORS: Readonly<Record<string, string>> = { amd64: "x64", arm64: "arm64" };

/** How the embedded node's image is made of the files of its root. */
export function nodeImageRecipe(files: readonly RootFile[]): ImageRecipe {
  return { files, command: [PROGRAM_PATH] };
}

/**
 * Makes the image of the embedded node: this very program, and nothing that it doesn't need. Skipped when it is there. A
 * machine that can't provide the files, since it is no Linux or of another processor than the engine's, takes what the
 * engine has of this build, else the release's archive beside the program.
 * @param options.archive an image archive to load in any case
 * @throws CodedError NR-DOCKER-*
 */
export async function buildNodeImage(
  engine: Engine,
  options: {
    readonly clock: Clock;
    readonly name?: string | undefined;
    readonly archive?: string | undefined;
    readonly force?: boolean;
  },
): Promise<BuiltImage> {
  const { clock, name, archive, force = false } = options;
  if (archive !== undefined) return await loadNodeImage(engine, archive, { name, force });
  const file = ownExecutable(engine);
  if (file !== null) {
    const files = await rootFilesOf({ file, path: PROGRAM_PATH }, clock);
    return await buildImage(engine, { ...nodeImageRecipe(files), name: name ?? NODE_IMAGE, force });
  }
  const there = name === undefined && !force ? await imageOfThisBuild(engine) : null;
  if (there) return there;
  const beside = join(programFolder(), archiveName(engine.architecture));
  if (existsSync(beside)) return await loadNodeImage(engine, beside, { name, force });
  const hint = `Put the release's ${archiveName(engine.architecture)} into ${programFolder()}, or name it: nomos-run task build-image archive=FILE.`;
  const message = `a node's image for linux/${engine.architecture} can't be made of this program on ${process.platform}-${process.arch}`;
  throw new CodedError("NR-DOCKER-PROGRAM", message, { hint });
}

/** What the release calls the image for a processor, as Docker names that. */
export function archiveName(architecture: string): string {
  return `nomos-run-image-linux-${processorOf(architecture)}.tar`;
}

/** This program as one file for the engine's machine: itself, or where it runs from source what was built of that. */
function ownExecutable({ architecture }: Engine): string | null {
  if (process.platform !== "linux" || process.arch !== processorOf(architecture)) return null;
  const file = insideExecutable() ? process.execPath : join(programFolder(), "nomos-run");
  return existsSync(file) ? file : null;
}

/** Node's name of a processor, by Docker's. */
export function processorOf(architecture: string): string {
  return PROCESSORS[architecture] ?? architecture;
}

/** Where this program is; of sources and packages, where what is built of them is. */
export function programFolder(): string {
  return insideExecutable() ? dirname(process.execPath) : fileURLToPath(new URL("../../../dist", import.meta.url));
}

/** An image of this very build, under whatever name. */
export async function imageOfThisBuild(engine: Engine): Promise<BuiltImage | null> {
  const filters = { label: [BUILD_LABEL] };
  const images = await engine.does(`look for an image of ${BUILD}`, (docker) => docker.listImages({ filters }));
  const found = images.find(({ Labels, RepoTags }) => isSameBuild(Labels?.[BUILD_LABEL] ?? "") && RepoTags?.[0]);
  return found?.RepoTags?.[0] === undefined ? null : { name: found.RepoTags[0], id: found.Id, skipped: true };
}
