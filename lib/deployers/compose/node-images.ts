import { basename } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { CodedError, must } from "../../core/errors.ts";
import type { ContainerSpec } from "../../host/docker/container.ts";
import type { Engine } from "../../host/docker/engine.ts";
import { buildImage, imageNamed } from "../../host/docker/image.ts";
import { buildNodeImage, imageOfThisBuild } from "../../host/docker/node-image.ts";
import { rootFilesOf } from "../../host/docker/root-files.ts";
import { insideExecutable } from "../../host/self.ts";
import type { DeployContext } from "../../model/deployer.ts";
import type { RenderedNode } from "../../model/node-kind.ts";
import { candidatesOf } from "./addresses.ts";

/**
 * Makes the images of all of a plan's nodes. Their programs are known before their addresses are, so that both can be seen to at once.
 * @throws CodedError NR-DOCKER-*
 */
export async function makeImages(
  { runId, plan, nodeKind, genesis }: DeployContext,
  images: NodeImages,
  signal: AbortSignal,
): Promise<void> {
  const names = plan.topology.nodes.map(({ name }) => name);
  const [draft] = candidatesOf(runId, names, "127.0.0.1");
  const binding = { runId, chainStartMs: 0, nodes: [...must(draft, "a first candidate").nodes] };
  for (const node of plan.topology.nodes) {
    signal.throwIfAborted();
    await images.of(nodeKind.render({ plan, binding, genesis, node }));
  }
}

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
   * What a node's container is made of: the embedded node's image, the one that its kind names, or one made of its program and
   * the C libraries that it needs, as this machine has them.
   * @throws CodedError NR-DOCKER-*
   */
  async of({
    program,
  }: Pick<RenderedNode, "program">): Promise<Pick<ContainerSpec, "image" | "entrypoint" | "takesCarried">> {
    if (program === "self") return { image: await this.#once("", () => this.#ownImage()), takesCarried: true };
    const { path, image } = program;
    if (image === undefined) return { image: await this.#once(path, () => this.#imageOf(path)) };
    return { image: await this.#once(image, () => this.#named(image)), entrypoint: [path] };
  }

  async #once(key: string, make: () => Promise<string>): Promise<string> {
    const image = this.#made.get(key) ?? make();
    this.#made.set(key, image);
    return await image;
  }

  async #named(name: string): Promise<string> {
    if (await imageNamed(this.#engine, name)) return name;
    throw new CodedError("NR-DOCKER-IMAGE", `the Docker Engine at ${this.#engine.address.url} has no image ${name}`, {
      hint: `Load it there first: docker pull ${name}, or docker load.`,
    });
  }

  async #ownImage(): Promise<string> {
    // One file says which build it is, and need not be read for that.
    const made = insideExecutable() ? await imageOfThisBuild(this.#engine) : null;
    const { name } = made ?? (await buildNodeImage(this.#engine, { clock: this.#clock }));
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
