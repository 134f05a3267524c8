import { createHash } from "node:crypto";
import { posix } from "node:path";
import { contentOf, digestOf, IMAGE_HOME, IMAGE_USER, type RootFile } from "./root-files.ts";
import type { TarEntry } from "./tar-stream.ts";

/** Label of an image with the digest of all that is in it. */
export const INPUTS_LABEL = "nomos-run.inputs";

/** Label of an image of this program with the build that it is of. */
export const BUILD_LABEL = "nomos-run.build";

/** What an image is made of. */
export interface ImageRecipe {
  readonly files: readonly RootFile[];
  /** Folders, beside its own one and `/tmp`, that its user can write to. */
  readonly folders?: readonly string[];
  /** The program and first arguments, which a container's command follows. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Beside those of its content. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** What an image has beside its files, as the Docker image specification names it. */
export interface ImageConfig {
  readonly Labels: Readonly<Record<string, string>>;
  readonly User: string;
  readonly WorkingDir: string;
  readonly Entrypoint: readonly string[];
  readonly Env: readonly string[];
}

/** SHA-256 of all that decides about an image, in hexadecimal; equal for equal images. */
export async function inputsOf({ files, folders = [], command, env = {}, labels = {} }: ImageRecipe): Promise<string> {
  const recipe = [
    ...(await digestOf(files)),
    ...command,
    `user ${IMAGE_USER}`,
    `in ${IMAGE_HOME}`,
    ...folders.map((path) => `folder ${path}`),
    ...Object.entries({ ...env, ...labels }).map(([name, value]) => `${name}=${value}`),
  ];
  return createHash("sha256").update(recipe.join("\n")).digest("hex");
}

/** @param inputs what {@link inputsOf} says of the recipe */
export function configOf({ command, env = {}, labels }: ImageRecipe, inputs: string): ImageConfig {
  return {
    Labels: { ...labels, [INPUTS_LABEL]: inputs },
    User: `${IMAGE_USER}:${IMAGE_USER}`,
    WorkingDir: IMAGE_HOME,
    Entrypoint: command,
    Env: Object.entries(env).map(([name, value]) => `${name}=${value}`),
  };
}

/** The image's name: with a tag as it is, without one with the beginning of the digest as its tag. */
export function taggedName(name: string, inputs: string): string {
  return name.includes(":", name.lastIndexOf("/") + 1) ? name : `${name}:${inputs.slice(0, 12)}`;
}

/** The image's whole file system: folders first, each once. */
export async function* entriesOf({ files, folders = [] }: ImageRecipe): AsyncGenerator<TarEntry> {
  const folder = (path: string, mode: number, owner: number) => ({ path, mode, owner, size: 0, bytes: [] });
  yield folder("tmp/", 0o1777, 0);
  const made = new Set<string>();
  for (const path of [IMAGE_HOME, ...folders]) {
    yield folder(`${path.slice(1)}/`, 0o755, IMAGE_USER);
    made.add(path.slice(1));
  }
  for (const file of files) {
    for (const path of foldersOf(file.path)) {
      if (!made.has(path)) yield folder(`${path}/`, 0o755, 0);
      made.add(path);
    }
    const { size, bytes } = await contentOf(file);
    yield { path: file.path.slice(1), mode: file.mode, owner: 0, size, bytes };
  }
}

function foldersOf(path: string): string[] {
  const parts = posix.dirname(path).split("/").slice(1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/")).filter((folder) => folder !== "");
}
