import { posix } from "node:path";
import type { ContainerSpec } from "../../host/docker/container.ts";
import { CONTAINER_SETTINGS, publishedPorts } from "../../host/docker/container-settings.ts";
import { IMAGE_HOME } from "../../host/docker/root-files.ts";
import { NETWORKS } from "./networks.ts";
import type { Reservation } from "./reserve.ts";

/** What a node's service in the file is written from. */
export type ComposeNode = Pick<
  ContainerSpec,
  "bound" | "image" | "entrypoint" | "args" | "env" | "files" | "memoryBytes" | "cpus"
>;

/** A network of containers, as its run deployed it. */
export interface ComposeStack {
  readonly runId: string;
  readonly subnets: Reservation["subnets"];
  readonly nodes: readonly ComposeNode[];
}

/** Where the file goes, in the run folder. */
export const COMPOSE_FILE = "docker-compose.yml";

/**
 * The text of a `docker-compose.yml` that boots a run's network by itself, with the same images, addresses, ports, limits
 * and files: for the compose tools from 1.27 on, the plugin of Docker too. Files of nodes are read from `nodes/NAME` beside
 * it, and must be readable by everyone, as no container runs as their owner. State is in the containers, as it is in a run.
 * What it boots is nobody's run: it has no label of ours, so that neither `ps` nor `clean` knows it.
 */
export async function composeFile({ runId, subnets, nodes }: ComposeStack): Promise<string> {
  // Only here: few commands write one.
  const { default: yaml } = await import("yaml");
  const stack = {
    services: Object.fromEntries(nodes.map((node) => [node.bound.name, service(node)])),
    networks: Object.fromEntries(
      (["peers", "control"] as const).map((name) => [name, network(NETWORKS[name], subnets[name])]),
    ),
  };
  // Compose 1.29 reads YAML 1.1, in which more words mean something: what isn't ours is no key, and quoted.
  const style = { defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN", lineWidth: 0 } as const;
  const text = yaml.stringify(literal(stack), { ...style, aliasDuplicateObjects: false });
  return `# The network of run ${runId}. When the run has ended, this boots it by itself:
#   docker-compose -f ${COMPOSE_FILE} up
# Its images must be in the engine. What nodes know is gone with "down".
${text}`;
}

function service({ bound, image, entrypoint, args, env, files, memoryBytes, cpus }: ComposeNode) {
  const { droppedCapabilities, securityOptions, log } = CONTAINER_SETTINGS;
  return {
    image,
    ...(entrypoint && { entrypoint }),
    command: args,
    hostname: bound.name,
    working_dir: IMAGE_HOME,
    environment: Object.entries(env).map(([name, value]) => `${name}=${value}`),
    volumes: files.map(({ path }) => ({
      type: "bind",
      source: `./${posix.join("nodes", bound.name, path)}`,
      target: posix.join(IMAGE_HOME, path),
      read_only: true,
    })),
    networks: { control: {}, peers: { ipv4_address: bound.host } },
    ports: publishedPorts(bound).map(({ containerPort, hostIp, hostPort }) => `${hostIp}:${hostPort}:${containerPort}`),
    mem_limit: memoryBytes,
    memswap_limit: memoryBytes,
    ...(cpus !== undefined && { cpus }),
    cap_drop: droppedCapabilities,
    security_opt: securityOptions,
    logging: log,
  };
}

function network({ internal, options }: (typeof NETWORKS)[keyof typeof NETWORKS], subnet: string) {
  return { driver: "bridge", internal, driver_opts: options, ipam: { driver: "default", config: [{ subnet }] } };
}

/** The compose tools would put variables in the place of what follows a dollar. */
function literal(value: unknown): unknown {
  if (typeof value === "string") return value.replaceAll("$", "$$$$");
  if (Array.isArray(value)) return value.map(literal);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, literal(entry)]));
}
