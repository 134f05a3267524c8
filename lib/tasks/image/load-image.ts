import { join, resolve } from "node:path";
import { CodedError } from "../../core/errors.ts";
import { findTool } from "../../host/find-tool.ts";
import type { TaskContext } from "../../model/task.ts";
import { task } from "../../plan/task.ts";
import { checkImageName } from "./image-name.ts";

/** What runs clusters, with the program that gives it images. */
const TOOLS = { kind: "kind", k3d: "k3d", minikube: "minikube", containerd: "ctr" } as const;
type Target = keyof typeof TOOLS;
const TARGETS = Object.keys(TOOLS) as readonly Target[];
/** Of these at most one is expected; containerd is on every machine that has Docker. */
const CLUSTERS = TARGETS.filter((target) => target !== "containerd");

type Option = "image" | "archive" | "to" | "cluster" | "namespace" | "address";

/** Gives an image of this machine's Docker Engine to those who run pods. */
export const loadImageTask = task<Option>("load-image", {
  description: "Give an image to kind, k3d, minikube or containerd",
  options: {
    image: {
      summary: "an image that the Docker Engine has (the embedded node's, made if need be)",
      check: checkImageName,
    },
    archive: { summary: "an archive of an image, such as nomos-run-image-linux-*.tar, in place of the engine's" },
    to: {
      summary: `${TARGETS.join(", ")} (the one that is there)`,
      check: (value) =>
        (TARGETS as readonly string[]).includes(value) ? undefined : `is none of ${TARGETS.join(", ")}`,
    },
    cluster: {
      summary: "the cluster's name, or profile of minikube (that of the tool)",
      check: (value) => (/^[\w][\w.-]*$/.test(value) ? undefined : "is not a cluster's name"),
    },
    namespace: {
      summary: "containerd's namespace; k8s.io is that of pods",
      default: "k8s.io",
      check: (value) => (/^[\w][\w.-]*$/.test(value) ? undefined : "is not a namespace's name"),
    },
    address: { summary: "containerd's socket (its own)" },
  },
  needs: { tools: ({ options: { to } }) => (to === undefined ? [] : [TOOLS[to as Target]]) },
  steps: ({ options }) => [
    options.archive ? `take the archive ${options.archive}` : `save ${options.image ?? "the embedded node's image"}`,
    `give it to ${options.to ?? `${CLUSTERS.join(", ")} or containerd, whichever is there`}`,
  ],
  timeout: "30m",
  recipe: "1",
  async run(context) {
    const target = (context.options.to as Target | undefined) ?? targetFound(context);
    checkFits(target, context);
    const { file, name } = await archiveOf(context);
    context.progress(`giving ${name} to ${target}`);
    await give(target, file, context);
    context.note(`${target} has ${name}`);
  },
});

/** @throws CodedError NR-TASK-TOOL when there is nothing that would take an image, NR-TASK-OPTION when there is a choice */
function targetFound({ env }: TaskContext<Option>): Target {
  const isThere = (target: Target) => findTool(TOOLS[target], env) !== null;
  const [first, ...others] = CLUSTERS.filter(isThere);
  if (first !== undefined && others.length > 0) {
    throw new CodedError(
      "NR-TASK-OPTION",
      `${[first, ...others].join(" and ")} are here: task load-image can't choose`,
      {
        hint: `Say which: to=${first}.`,
      },
    );
  }
  const target = first ?? (isThere("containerd") ? "containerd" : undefined);
  if (target !== undefined) return target;
  throw new CodedError("NR-TASK-TOOL", `task load-image finds none of ${Object.values(TOOLS).join(", ")} on the PATH`, {
    hint: "Install what runs your cluster, or put its folder on the PATH. A cluster elsewhere needs a registry.",
  });
}

/** @throws CodedError NR-TASK-OPTION for what says nothing to this one */
function checkFits(target: Target, { options: { cluster, address } }: TaskContext<Option>): void {
  const [odd] = target === "containerd" ? [cluster && "cluster"] : [address && "address"];
  if (odd === undefined) return;
  throw new CodedError("NR-TASK-OPTION", `task load-image can't use ${odd} for ${target}`, {
    hint: "cluster is for kind, k3d and minikube, address for containerd.",
  });
}

/** The image as a file, which every tool takes. */
async function archiveOf({ options, folder, scratch, env, clock, progress }: TaskContext<Option>) {
  if (options.archive !== undefined) return { file: resolve(folder, options.archive), name: options.archive };
  // Only here: every plan knows this task, and few run it.
  const { engineAddress } = await import("../../host/docker/address.ts");
  const { connectEngine } = await import("../../host/docker/engine.ts");
  const { buildNodeImage } = await import("../../host/docker/node-image.ts");
  const { saveImage } = await import("../../host/docker/image.ts");
  const engine = await connectEngine(engineAddress(env), clock);
  const name = options.image ?? (await buildNodeImage(engine, { clock })).name;
  progress(`saving ${name}`);
  const file = join(scratch, "image.tar");
  await saveImage(engine, name, file);
  return { file, name };
}

async function give(target: Target, file: string, { $, options }: TaskContext<Option>): Promise<void> {
  const { cluster, namespace, address } = options;
  switch (target) {
    case "kind":
      await $`kind load image-archive ${file} ${cluster === undefined ? [] : ["--name", cluster]}`;
      return;
    case "k3d":
      await $`k3d image import ${file} ${cluster === undefined ? [] : ["--cluster", cluster]}`;
      return;
    case "minikube":
      await $`minikube image load ${file} ${cluster === undefined ? [] : ["--profile", cluster]}`;
      return;
    case "containerd":
      await $`ctr --connect-timeout 2s ${address === undefined ? [] : ["--address", address]} --namespace ${namespace} images import ${file}`;
  }
}
