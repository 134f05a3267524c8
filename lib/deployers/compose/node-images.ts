import { basename } from "node:path";
import type { Clock } from "../../core/clock.ts";
import type { Engine } from "../../host/docker/engine.ts";
import { buildImage } from "../../host/docker/image.ts";
import { buildNodeImage } from "../../host/docker/node-image.ts";
import { rootFilesOf } from "../../host/docker/root-files.ts";
import type { RenderedNode } from "../../model/node-kind.ts";

/** The images of a run's nodes, each made once. */
export class NodeImages {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #made = new Map<string, Promise<string>>();

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /**
   * The image whose own command is this node's program: that of the embedded node, or one made of the program and its C
   * libraries as this machine has them.
   * @throws CodedError NR-DOCKER-*
   */
  async of({ program }: Pick<RenderedNode, "program">): Promise<string> {
    const path = program === "self" ? "self" : program.path;
    const image = this.#made.get(path) ?? (path === "self" ? this.#ownImage() : this.#imageOf(path));
    this.#made.set(path, image);
    return await image;
  }

  async #ownImage(): Promise<string> {
    const { name } = await buildNodeImage(this.#engine, { clock: this.#clock });
    return name;
  }

  async #imageOf(file: string): Promise<string> {
    const path = `/usr/bin/${basename(file)}`;
    const files = await rootFilesOf({ file, path }, this.#clock);
    const name = `nomos-run-${basename(file)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")}`;
    return (await buildImage(this.#engine, { name, files, command: [path] })).name;
  }
}
