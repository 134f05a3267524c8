import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type Docker from "dockerode";
import { CodedError, systemCode } from "../../core/errors.ts";
import { writeError } from "../disk-errors.ts";
import type { Engine } from "./engine.ts";
import { engineError, statusOf } from "./errors.ts";
import { configOf, entriesOf, type ImageRecipe, INPUTS_LABEL, inputsOf, taggedName } from "./image-recipe.ts";
import { tarOf } from "./tar-stream.ts";

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
 * @throws CodedError NR-DOCKER-*
 */
export async function buildImage(
  engine: Engine,
  options: ImageRecipe & { readonly name: string; readonly force?: boolean },
): Promise<BuiltImage> {
  const inputs = await inputsOf(options);
  const name = taggedName(options.name, inputs);
  const there = options.force ? null : await imageOfInputs(engine, name, inputs);
  if (there) return there;
  const [repository, tag] = splitName(name);
  const { Labels, User, WorkingDir, Entrypoint, Env } = configOf(options, inputs);
  const changes = [
    ...Object.entries(Labels).map(([label, value]) => `LABEL ${label}=${JSON.stringify(value)}`),
    `ENTRYPOINT ${JSON.stringify(Entrypoint)}`,
    `USER ${User}`,
    `WORKDIR ${WorkingDir}`,
    ...Env.map((each) => `ENV ${each}`),
  ];
  await engine.does(`make the image ${name}`, async (docker) => {
    const stream = await docker.importImage(Readable.from(tarOf(entriesOf(options))), {
      repo: repository,
      tag,
      changes,
      platform: `linux/${engine.architecture}`,
    });
    await progressOf(docker, stream);
  });
  return { name, id: (await madeImage(engine, name)).Id, skipped: false };
}

/**
 * Makes an image of these files on top of another one that the engine has, or finds it made. No program runs in it.
 * @throws CodedError NR-DOCKER-IMAGE when the engine doesn't have the other one, or has it for another processor
 */
export async function buildImageOn(
  engine: Engine,
  base: string,
  options: ImageRecipe & { readonly name: string; readonly force?: boolean },
): Promise<BuiltImage> {
  const ground = await neededImage(engine, base);
  if (ground.Architecture !== engine.architecture) {
    const message = `the image ${base} is for ${ground.Architecture}, and the engine's machine is ${engine.architecture}`;
    throw new CodedError("NR-DOCKER-IMAGE", message, {
      hint: `docker pull --platform linux/${engine.architecture} ${base} fetches the right one.`,
    });
  }
  const inputs = await inputsOf({ ...options, labels: { ...options.labels, base: ground.Id } });
  const name = taggedName(options.name, inputs);
  const there = options.force ? null : await imageOfInputs(engine, name, inputs);
  if (there) return there;
  const [repo, tag] = splitName(name);
  await engine.does(`make the image ${name} on ${base}`, async (docker) => {
    const { Labels, Entrypoint, Env, ...config } = configOf(options, inputs);
    const created = { ...config, Labels: { ...Labels }, Entrypoint: [...Entrypoint], Env: [...Env], Image: base };
    const container = await docker.createContainer(created);
    try {
      await container.putArchive(Readable.from(tarOf(entriesOf(options))), { path: "/" });
      await container.commit({ repo, tag });
    } finally {
      await container.remove({ force: true });
    }
  });
  return { name, id: (await madeImage(engine, name)).Id, skipped: false };
}

/** The image of this name, if it was made of these inputs. */
export async function imageOfInputs(engine: Engine, name: string, inputs: string): Promise<BuiltImage | null> {
  const there = await imageNamed(engine, name);
  return there?.Config.Labels?.[INPUTS_LABEL] === inputs ? { name, id: there.Id, skipped: true } : null;
}

/** What the engine knows of an image that it has just been given. */
export async function madeImage(engine: Engine, name: string): Promise<Docker.ImageInspectInfo> {
  const made = await imageNamed(engine, name);
  if (made) return made;
  throw new CodedError("NR-DOCKER-REFUSED", `the engine made the image ${name} and doesn't have it`);
}

/**
 * Writes an image into a file, as `docker save` does.
 * @throws CodedError NR-DOCKER-IMAGE when the engine doesn't have it, NR-HOST-DISK-FULL
 */
export async function saveImage(engine: Engine, name: string, file: string): Promise<void> {
  await neededImage(engine, name);
  const saved = await engine.does(`save the image ${name}`, async (docker) => await docker.getImage(name).get());
  await pipeline(saved, createWriteStream(file)).catch((thrown: unknown) => {
    const isFull = ["ENOSPC", "EDQUOT"].includes(systemCode(thrown) ?? "");
    throw isFull ? writeError(file, thrown, "task") : engineError(`save the image ${name}`, engine.address, thrown);
  });
}

/** What the engine knows of an image that it must have. @throws CodedError NR-DOCKER-IMAGE */
export async function neededImage(engine: Engine, name: string): Promise<Docker.ImageInspectInfo> {
  const found = await imageNamed(engine, name);
  if (found) return found;
  throw new CodedError("NR-DOCKER-IMAGE", `there is no image ${name} in the engine`, {
    hint: `Nothing is fetched: docker pull ${name} does that, docker load -i takes it from a file.`,
  });
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

/** Repository and tag. */
export function splitName(name: string): [string, string] {
  const colon = name.lastIndexOf(":");
  return [name.slice(0, colon), name.slice(colon + 1)];
}

/** What goes wrong while the engine works is in the stream of its progress, after the status 200. */
export async function progressOf(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  docker.modem.followProgress(stream, (error: Error | null) => {
    if (error) reject(Object.assign(error, { statusCode: 500, reason: error.message }));
    else resolve();
  });
  await promise;
}
