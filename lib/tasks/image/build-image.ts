import { task } from "../../plan/task.ts";

const NAME = /^[a-z0-9]+([._/-][a-z0-9]+)*(:[\w][\w.-]{0,127})?$/;

/** The embedded node's image, in the engine that containers are started by. */
export const buildImageTask = task("build-image", {
  description: "Build the embedded node's image into the Docker Engine",
  options: {
    tag: {
      summary: "its name; without a tag it gets a digest of its content",
      default: "nomos-run-node",
      check: (value) => (NAME.test(value) ? undefined : "is not an image's name, such as nomos-run-node or my/node:1"),
    },
  },
  steps: ({ options }) => [
    "look which C libraries this program needs",
    `make ${options["tag"]} of it, unless the engine has one of the same content`,
  ],
  timeout: "10m",
  recipe: "1",
  async run({ env, clock, options, note, progress }) {
    // Only here: every plan knows this task, and few run it.
    const { engineAddress } = await import("../../host/docker/address.ts");
    const { connectEngine } = await import("../../host/docker/engine.ts");
    const { buildNodeImage } = await import("../../host/docker/node-image.ts");
    const engine = await connectEngine(engineAddress(env), clock);
    progress(`building into ${engine.address.url}`);
    const { name, id, skipped } = await buildNodeImage(engine, { clock, name: options["tag"] as string });
    note(`${name} ${skipped ? "was there" : "is made"}: ${id}`);
  },
});
