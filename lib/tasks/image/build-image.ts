import { resolve } from "node:path";
import { CodedError } from "../../core/errors.ts";
import type { Engine } from "../../host/docker/engine.ts";
import type { BuiltImage } from "../../host/docker/image.ts";
import type { TaskContext } from "../../model/task.ts";
import { task } from "../../plan/task.ts";
import { checkImageName } from "./image-name.ts";

/** The original's. */
const BUNDLE_NAME = "logos-blockchain-testing:local";

type Option = "tag" | "archive" | "bundle" | "tar" | "packages" | "base" | "circuits" | "kzg" | "testnet-image";

/** An image of nodes, in the engine that containers are started by. */
export const buildImageTask = task<Option>("build-image", {
  description: "Build an image of nodes, the embedded one or real ones, into the Docker Engine",
  options: {
    tag: { summary: "its name; without a tag it gets a digest of its content (nomos-run-node)", check: checkImageName },
    archive: { summary: "the image of a release, nomos-run-image-linux-*.tar, to load in place of building" },
    bundle: { summary: "yes: an image of real nodes, from a bundle", default: "no", check: checkYesNo },
    tar: { summary: "that bundle", variable: "NOMOS_BINARIES_TAR" },
    packages: {
      summary: "programs of the bundle; the first is what the image runs",
      default: "nomos-node,nomos-executor",
      check: (value) => (/^[\w-]+(,[\w-]+)*$/.test(value) ? undefined : "is not a list of names, such as a,b"),
    },
    base: {
      summary: "image that a bundle's programs are put on; scratch takes the C libraries of this machine",
      default: "scratch",
      check: checkImageName,
    },
    circuits: { summary: "folder of circuits, in place of the bundle's", variable: "NOMOS_CIRCUITS" },
    kzg: { summary: "file of KZG parameters, in place of the circuits'", variable: "NOMOS_KZGRS_PARAMS_PATH" },
    "testnet-image": {
      summary: "name of a bundle's image where tag says none",
      default: BUNDLE_NAME,
      variable: "NOMOS_TESTNET_IMAGE",
      check: checkImageName,
    },
  },
  steps: ({ options }) => {
    const name = options.tag ?? (options.bundle === "yes" ? options["testnet-image"] : "nomos-run-node");
    if (options.archive !== undefined) return [`load ${options.archive} as ${name}`];
    if (options.bundle !== "yes") {
      return ["look which C libraries this program needs", `make ${name} of it, unless the engine has it already`];
    }
    return [
      `take ${options.packages?.replaceAll(",", " and ")} from ${options.tar ?? "a bundle, which is not named yet"}`,
      options.base === "scratch" ? "look which C libraries they need" : `put them on ${options.base}`,
      `make ${name} of them, circuits and KZG parameters, unless the engine has it already`,
    ];
  },
  timeout: "30m",
  recipe: "2",
  async run(context) {
    const { env, clock, options, note, progress } = context;
    checkFits(options);
    // Only here: every plan knows this task, and few run it.
    const { engineAddress } = await import("../../host/docker/address.ts");
    const { connectEngine } = await import("../../host/docker/engine.ts");
    const engine = await connectEngine(engineAddress(env), clock);
    progress(`building into ${engine.address.url}`);
    const make = options.bundle === "yes" ? bundleImage : nodeImage;
    const { name, id, skipped } = await make(engine, context);
    note(`${name} ${skipped ? "was there" : "is made"}: ${id}`);
  },
});

/** @throws CodedError NR-TASK-OPTION for what says nothing to the image that is wanted */
function checkFits({ bundle, archive, base }: TaskContext<Option>["options"]): void {
  const isBundle = bundle === "yes";
  if (isBundle ? archive === undefined : base === "scratch") return;
  const message = isBundle ? "given a bundle and an archive" : `given the base ${base} without a bundle`;
  throw new CodedError("NR-TASK-OPTION", `task build-image is ${message}`, {
    hint: isBundle
      ? "An archive has the embedded node in it."
      : "Only images of real nodes are put on another one: bundle=yes.",
  });
}

/** Of the embedded node: built of this program, or loaded. */
async function nodeImage(engine: Engine, { clock, folder, options, forced }: TaskContext<Option>): Promise<BuiltImage> {
  const { buildNodeImage } = await import("../../host/docker/node-image.ts");
  const archive = options.archive === undefined ? undefined : resolve(folder, options.archive);
  return await buildNodeImage(engine, { clock, name: options.tag, archive, force: forced });
}

async function bundleImage(engine: Engine, context: TaskContext<Option>): Promise<BuiltImage> {
  const { buildBundleImage } = await import("./bundle-image.ts");
  const { folder, options } = context;
  const path = (written: string | undefined) => (written === undefined ? null : resolve(folder, written));
  const tar = path(options.tar);
  if (tar === null) {
    throw new CodedError("NR-TASK-OPTION", "task build-image is given no bundle to take real nodes from", {
      hint: "Give tar=FILE or set NOMOS_BINARIES_TAR; nomos-run task build-bundle makes one.",
    });
  }
  const { tag, packages, base } = options;
  const name = tag ?? (options["testnet-image"] as string);
  const wanted = {
    name,
    tar,
    packages: (packages as string).split(","),
    base: base as string,
    circuits: path(options.circuits),
    kzg: path(options.kzg),
  };
  return await buildBundleImage(engine, wanted, context);
}

function checkYesNo(value: string): string | undefined {
  return value === "yes" || value === "no" ? undefined : "is neither yes nor no";
}
