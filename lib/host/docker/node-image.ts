import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Clock } from "../../core/clock.ts";
import { CodedError } from "../../core/errors.ts";
import { insideExecutable } from "../self.ts";
import type { Engine } from "./engine.ts";
import { type BuiltImage, buildImage } from "./image.ts";
import { rootFilesOf } from "./root-files.ts";

/** What the embedded node's image is called; its tag is a digest of its content. */
export const NODE_IMAGE = "nomos-run-node";
/** Where this program is in it. */
const PROGRAM = "/usr/bin/nomos-run";

/**
 * Makes the image of the embedded node: this very program, and nothing that it doesn't need. Skipped when it is there.
 * @throws CodedError NR-DOCKER-*
 */
export async function buildNodeImage(
  engine: Engine,
  options: { readonly clock: Clock; readonly name?: string; readonly force?: boolean },
): Promise<BuiltImage> {
  const { clock, name = NODE_IMAGE, force = false } = options;
  const files = await rootFilesOf({ file: ownExecutable(), path: PROGRAM }, clock);
  return await buildImage(engine, { name, files, command: [PROGRAM], force });
}

/** This program as one file: itself, or where it runs from source what was built of that. */
function ownExecutable(): string {
  if (insideExecutable()) return process.execPath;
  const built = fileURLToPath(new URL("../../../dist/nomos-run", import.meta.url));
  if (existsSync(built)) return built;
  throw new CodedError("NR-DOCKER-PROGRAM", `there is no ${built} to make an image of`, {
    hint: "Build the executable first: node build.mjs. Or run the executable itself.",
  });
}
