import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { BUILD_LABEL, configOf, entriesOf, inputsOf, taggedName } from "../../lib/host/docker/image-recipe.ts";
import { NODE_IMAGE, nodeImageRecipe, PROGRAM_PATH } from "../../lib/host/docker/node-image.ts";
import { rootFiles } from "../../lib/host/docker/root-files.ts";
import { tarOf } from "../../lib/host/docker/tar-stream.ts";
import { librariesOf } from "./c-libraries.mjs";

/** Docker's names of processors, by Node's. */
const ARCHITECTURES = { x64: "amd64", arm64: "arm64" };

/**
 * Makes the embedded node's image without any engine, as an archive that `docker load`, `ctr images import` and their like
 * take: https://github.com/moby/moby/blob/master/image/spec/v1.2.md. Equal files give equal archives.
 * @param {object} options
 * @param {string} options.path where it comes to be
 * @param {import("./targets.mjs").Target} options.target
 * @param {string} options.executable the program, for the target
 * @param {string} options.build what that says of its build
 */
export async function makeImageArchive({ path, target, executable, build }) {
  const program = { path: PROGRAM_PATH, mode: 0o755, content: { file: executable } };
  const files = rootFiles([program, ...librariesOf({ file: executable, target })]);
  const recipe = { ...nodeImageRecipe(files), labels: { [BUILD_LABEL]: build } };
  const inputs = await inputsOf(recipe);
  // Written when it is needed, since it is as large as the program: what comes before it has to know its digest.
  const layer = () => tarOf(entriesOf(recipe));
  const { digest, size } = await measure(layer());
  const config = JSON.stringify({
    architecture: ARCHITECTURES[target.arch],
    os: target.platform,
    created: "1970-01-01T00:00:00Z",
    config: configOf(recipe, inputs),
    rootfs: { type: "layers", diff_ids: [`sha256:${digest}`] },
    history: [{ created: "1970-01-01T00:00:00Z", created_by: "nomos-run" }],
  });
  const configName = `${createHash("sha256").update(config).digest("hex")}.json`;
  const layerName = `${digest}/layer.tar`;
  const manifest = [{ Config: configName, RepoTags: [taggedName(NODE_IMAGE, inputs)], Layers: [layerName] }];
  const entries = [
    document("manifest.json", JSON.stringify(manifest)),
    document(configName, config),
    { path: `${digest}/`, mode: 0o755, owner: 0, size: 0, bytes: [] },
    { path: layerName, mode: 0o644, owner: 0, size, bytes: layer() },
  ];
  await pipeline(Readable.from(tarOf(entries)), createWriteStream(path));
}

function document(path, text) {
  const bytes = new TextEncoder().encode(text);
  return { path, mode: 0o644, owner: 0, size: bytes.length, bytes: [bytes] };
}

async function measure(bytes) {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { digest: hash.digest("hex"), size };
}
