import { CodedError } from "../../core/errors.ts";
import { engineHost } from "../../host/docker/address.ts";
import type { Engine } from "../../host/docker/engine.ts";
import { networkLabels, projectOf } from "../../host/docker/labels.ts";
import { isGone, itemId } from "../../host/docker/things.ts";
import type { BoundNode } from "../../model/binding.ts";
import type { Inventory } from "../../model/inventory.ts";
import { firstTaken } from "../local/listeners.ts";
import { type Candidate, candidatesOf } from "./addresses.ts";
import { NETWORKS } from "./networks.ts";

/** What a run has in its engine before any container. */
export interface Reservation {
  readonly nodes: readonly BoundNode[];
  /** Names of its networks. */
  readonly peers: string;
  readonly control: string;
  /** What the networks have: `198.19.4.0/24`. */
  readonly subnets: { readonly peers: string; readonly control: string };
}

/**
 * Takes the first addresses that nobody else has: the networks' subnets overlap no other network of the engine, and on this
 * machine nobody listens at a port that will be published. Networks made in vain are removed at once.
 * @param run.host where published ports are reached, if that isn't where the engine is
 * @throws CodedError NR-DOCKER-SUBNET when every candidate is taken, and other NR-DOCKER-*
 */
export async function reserveNetworks(
  engine: Engine,
  run: {
    readonly runId: string;
    readonly names: readonly string[];
    readonly inventory: Pick<Inventory, "add">;
    readonly host?: string | undefined;
  },
  signal: AbortSignal,
): Promise<Reservation> {
  const host = run.host ?? engineHost(engine.address);
  const isHere = engine.address.url.startsWith("unix://") && run.host === undefined;
  let tried = 0;
  let last = "";
  for (const candidate of candidatesOf(run.runId, run.names, host)) {
    signal.throwIfAborted();
    tried++;
    const taken = isHere ? await firstTaken(candidate.nodes.flatMap(published)) : null;
    if (taken) {
      last = `somebody listens at ${taken.host}:${taken.port}`;
      continue;
    }
    try {
      return await makeNetworks(engine, run, candidate);
    } catch (thrown) {
      if (!(thrown instanceof CodedError) || thrown.code !== "NR-DOCKER-SUBNET") throw thrown;
      last = thrown.message;
    }
  }
  throw new CodedError("NR-DOCKER-SUBNET", `all of ${tried} sets of addresses are taken; the last: ${last}`, {
    hint: "End runs that are no longer needed; docker network ls shows what is there.",
  });
}

function published({ reach }: BoundNode) {
  return reach ? [reach.apiPort, reach.testingPort].map((port) => ({ host: reach.host, port })) : [];
}

async function makeNetworks(
  engine: Engine,
  { runId, inventory }: { readonly runId: string; readonly inventory: Pick<Inventory, "add"> },
  candidate: Candidate,
): Promise<Reservation> {
  const project = projectOf(runId);
  const make = async (name: keyof typeof NETWORKS) => {
    const { id } = await engine.does(`make the network ${project}_${name}`, (docker) =>
      docker.createNetwork({
        Name: `${project}_${name}`,
        CheckDuplicate: true,
        Driver: "bridge",
        IPAM: { Driver: "default", Config: [{ Subnet: candidate[name] }] },
        Labels: networkLabels(runId, name),
        Internal: NETWORKS[name].internal,
        Options: NETWORKS[name].options,
      }),
    );
    const thing = { kind: "network", id } as const;
    inventory.add({ kind: "network", id: itemId(engine, thing), name: `${project}_${name}`, by: "run" }, () =>
      isGone(engine, thing),
    );
    return id;
  };
  const made = await Promise.allSettled([make("peers"), make("control")]);
  const failed = made.find((one) => one.status === "rejected");
  if (failed) {
    const ids = made.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    await Promise.all(ids.map((id) => engine.does("remove a network", (docker) => docker.getNetwork(id).remove())));
    throw failed.reason;
  }
  const { nodes, ...subnets } = candidate;
  return { nodes, peers: `${project}_peers`, control: `${project}_control`, subnets };
}
