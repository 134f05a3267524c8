import { createReadStream } from "node:fs";
import { list } from "tar";
import { CodedError, errorText } from "../../core/errors.ts";
import { BUILD, isSameBuild } from "../build-stamp.ts";
import type { Engine } from "./engine.ts";
import { type BuiltImage, imageOfInputs, madeImage, progressOf, splitName } from "./image.ts";
import { BUILD_LABEL, INPUTS_LABEL } from "./image-recipe.ts";

/** Documents of an archive are small. */
const MOST_DOCUMENT_BYTES = 2 ** 20;

/** What an archive that `docker load` takes says of its image. */
interface ArchivedImage {
  readonly name: string;
  /** `amd64`, `arm64`. */
  readonly architecture: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Loads an image of the embedded node into an engine, unless it is there.
 * @param options.name another name for it
 * @throws CodedError NR-DOCKER-ARCHIVE when it is none, or not one for this engine and this program; other NR-DOCKER-*
 */
export async function loadNodeImage(
  engine: Engine,
  path: string,
  options: { readonly name?: string | undefined; readonly force?: boolean },
): Promise<BuiltImage> {
  const { name, architecture, labels } = await readArchive(path);
  const build = labels[BUILD_LABEL] ?? "another program";
  if (architecture !== engine.architecture) {
    throw refused(`${path} is for ${architecture}, and the engine's machine is ${engine.architecture}`);
  }
  if (!isSameBuild(build)) throw refused(`${path} has ${build} in it, and this is ${BUILD}`);
  const wanted = options.name ?? name;
  const there = options.force ? null : await imageOfInputs(engine, wanted, labels[INPUTS_LABEL] ?? "");
  if (there) return there;
  await loadImage(engine, path);
  if (wanted !== name) {
    const [repo, tag] = splitName(wanted);
    await engine.does(`call ${name} ${wanted}`, (docker) => docker.getImage(name).tag({ repo, tag }));
  }
  return { name: wanted, id: (await madeImage(engine, wanted)).Id, skipped: false };
}

/**
 * Loads whatever image an archive has.
 * @returns its name
 * @throws CodedError NR-DOCKER-ARCHIVE, and other NR-DOCKER-*
 */
export async function loadImage(engine: Engine, path: string): Promise<string> {
  const { name } = await readArchive(path);
  await engine.does(`load the image ${name}`, async (docker) => {
    await progressOf(docker, await docker.loadImage(createReadStream(path), { quiet: true }));
  });
  return name;
}

async function readArchive(path: string): Promise<ArchivedImage> {
  const documents = new Map<string, Promise<string>>();
  try {
    await list({
      file: path,
      strict: true,
      onReadEntry: (entry) => {
        if (!entry.path.endsWith(".json") || entry.size > MOST_DOCUMENT_BYTES) return;
        const text = entry.concat().then(String);
        text.catch(() => undefined); // It is told by whoever reads it, or by the list.
        documents.set(entry.path, text);
      },
    });
    const document = async (name: string) => JSON.parse((await documents.get(name)) ?? "null") as unknown;
    const [image] = (await document("manifest.json")) as readonly {
      Config: string;
      RepoTags: readonly string[] | null;
    }[];
    const { architecture, config } = (await document(image?.Config ?? "")) as {
      architecture: string;
      config?: { Labels?: Record<string, string> | null };
    };
    const name = image?.RepoTags?.[0];
    if (typeof name === "string" && typeof architecture === "string")
      return { name, architecture, labels: config?.Labels ?? {} };
    throw new Error("it names no image");
  } catch (thrown) {
    throw new CodedError("NR-DOCKER-ARCHIVE", `${path} is no archive of an image: ${errorText(thrown)}`, {
      hint: "docker save writes one, and a release has nomos-run-image-linux-x64.tar and -arm64.tar.",
      cause: thrown,
    });
  }
}

function refused(message: string): CodedError {
  return new CodedError("NR-DOCKER-ARCHIVE", message, {
    hint: "Take nomos-run-image-linux-x64.tar or -arm64.tar of the release that this program is of.",
  });
}
