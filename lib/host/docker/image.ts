import { createHash } from "node:crypto";
import { posix } from "node:path";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import { CodedError } from "../../core/errors.ts";
import type { Engine } from "./engine.ts";
import { statusOf } from "./errors.ts";
import { contentOf, digestOf, IMAGE_HOME, IMAGE_USER, type RootFile } from "./root-files.ts";
import { type TarEntry, tarOf } from "./tar-stream.ts";

/** Label of an image with the digest of all that is in it. */
const INPUTS_LABEL = "nomos-run.inputs";

/** An image that is in an engine. */
export interface BuiltImage {
  readonly name: string;
  /** `sha256:...` */
  readonly id: string;
  /** Whether it was there already. */
  readonly skipped: boolean;
}

/**
 * Makes an image of exactly these files, or finds it made: its name ends with a digest of what is in it. Nothing is fetched
 * and no program runs in it.
 * @param options.name without a tag, unless it is to have just that one
 * @param options.command the program and first arguments, which a container's command follows
 * @throws CodedError NR-DOCKER-*
 */
export async function buildImage(
  engine: Engine,
  options: {
    readonly name: string;
    readonly files: readonly RootFile[];
    readonly command: readonly string[];
    readonly force?: boolean;
  },
): Promise<BuiltImage> {
  const { files, command } = options;
  const recipe = [...(await digestOf(files)), ...command, `user ${IMAGE_USER}`, `in ${IMAGE_HOME}`];
  const inputs = createHash("sha256").update(recipe.join("\n")).digest("hex");
  const name = options.name.includes(":") ? options.name : `${options.name}:${inputs.slice(0, 12)}`;
  const there = options.force ? null : await imageNamed(engine, name);
  if (there?.Config.Labels?.[INPUTS_LABEL] === inputs) return { name, id: there.Id, skipped: true };
  const [repository, tag] = splitName(name);
  const changes = [
    `LABEL ${INPUTS_LABEL}=${inputs}`,
    `ENTRYPOINT ${JSON.stringify(command)}`,
    `USER ${IMAGE_USER}:${IMAGE_USER}`,
    `WORKDIR ${IMAGE_HOME}`,
  ];
  await engine.does(`make the image ${name}`, async (docker) => {
    const stream = await docker.importImage(Readable.from(tarOf(entriesOf(files))), {
      repo: repository,
      tag,
      changes,
      platform: `linux/${engine.architecture}`,
    });
    await progressOf(docker, stream);
  });
  const made = await imageNamed(engine, name);
  if (!made) throw new CodedError("NR-DOCKER-REFUSED", `the engine made the image ${name} and doesn't have it`);
  return { name, id: made.Id, skipped: false };
}

/** What the engine knows of an image; null when it doesn't have it. */
export async function imageNamed(engine: Engine, name: string): Promise<Docker.ImageInspectInfo | null> {
  return await engine.does(`look for the image ${name}`, async (docker) => {
    try {
      return await docker.getImage(name).inspect();
    } catch (thrown) {
      if (statusOf(thrown) === 404) return null;
      throw thrown;
    }
  });
}

function splitName(name: string): [string, string] {
  const colon = name.lastIndexOf(":");
  return [name.slice(0, colon), name.slice(colon + 1)];
}

/** Folders first, each once. */
async function* entriesOf(files: readonly RootFile[]): AsyncGenerator<TarEntry> {
  const folder = (path: string, mode: number, owner: number) => ({ path, mode, owner, size: 0, bytes: [] });
  yield folder("tmp/", 0o1777, 0);
  yield folder(`${IMAGE_HOME.slice(1)}/`, 0o755, IMAGE_USER);
  const made = new Set<string>();
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

/** What goes wrong while the engine works is in the stream of its progress, after the status 200. */
async function progressOf(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  docker.modem.followProgress(stream, (error: Error | null) => {
    if (error) reject(Object.assign(error, { statusCode: 500, reason: error.message }));
    else resolve();
  });
  await promise;
}
