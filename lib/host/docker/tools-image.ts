import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { CodedError } from "../../core/errors.ts";
import type { Engine } from "./engine.ts";
import { type BuiltImage, buildImage, progressOf } from "./image.ts";
import { processorOf, programFolder } from "./node-image.ts";
import { TOOLS_ENVIRONMENT, type ToolsFiles, toolsFiles } from "./tools-files.ts";

/** What the image of iptables and tc is called; its tag is a digest of its content. */
const TOOLS_IMAGE = "nomos-run-tools";

/**
 * The image with which faults are made in the networks of containers: made of this machine's own programs, or where those
 * don't fit the engine's machine one that the engine has or that is in a file beside this program. Skipped when it is there.
 * @throws CodedError NR-DOCKER-TOOLS, and other NR-DOCKER-*
 */
export async function toolsImage(engine: Engine, options: { readonly clock: Clock }): Promise<BuiltImage> {
  const own = await ownFiles(engine, options.clock);
  if ("files" in own) {
    const recipe = { files: own.files, command: ["/bin/sh"], env: TOOLS_ENVIRONMENT };
    return await buildImage(engine, { ...recipe, name: TOOLS_IMAGE });
  }
  const there = await loadedImage(engine);
  if (there) return { ...there, skipped: true };
  const tar = join(programFolder(), `${TOOLS_IMAGE}-image-linux-${processorOf(engine.architecture)}.tar`);
  const loaded = existsSync(tar) && (await loadTar(engine, tar));
  if (loaded) return { ...loaded, skipped: false };
  const message = `there is no image ${TOOLS_IMAGE} of the tools for faults, and none can be made: ${own.lacks}`;
  throw new CodedError("NR-DOCKER-TOOLS", message, {
    hint: `Load an image of that name with iptables and tc in it into the engine, or put its archive at ${tar}; on Linux, installing iptables and iproute2 is enough.`,
  });
}

async function ownFiles(engine: Engine, clock: Clock): Promise<ToolsFiles> {
  if (process.platform !== "linux") return { lacks: `this machine runs ${process.platform}` };
  const processor = processorOf(engine.architecture);
  if (process.arch !== processor) {
    return { lacks: `this machine's processor is ${process.arch}, and the engine's ${processor}` };
  }
  return await toolsFiles(clock);
}

/** Any that the engine has, whatever its tag: they differ in the machine that they were made on. */
async function loadedImage(engine: Engine): Promise<Omit<BuiltImage, "skipped"> | null> {
  const filters = { reference: [TOOLS_IMAGE] };
  const images = await engine.does("look for the tools' image", (docker) => docker.listImages({ filters }));
  const [newest] = images.toSorted((a, b) => b.Created - a.Created);
  const name = newest?.RepoTags?.find((tag) => tag.startsWith(`${TOOLS_IMAGE}:`));
  return newest && name !== undefined ? { name, id: newest.Id } : null;
}

async function loadTar(engine: Engine, path: string): Promise<Omit<BuiltImage, "skipped"> | null> {
  await engine.does(`load ${path}`, async (docker) =>
    progressOf(docker, await docker.loadImage(createReadStream(path), { quiet: true })),
  );
  return await loadedImage(engine);
}
