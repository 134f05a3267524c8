import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CodedError } from "../../core/errors.ts";
import { writeError } from "../../host/disk-errors.ts";
import { engineAddress } from "../../host/docker/address.ts";
import { NodeContainer } from "../../host/docker/container.ts";
import { connectEngine, type Engine } from "../../host/docker/engine.ts";
import { logsArguments } from "../../host/docker/kept-logs.ts";
import { watchRemovals } from "../../host/docker/removals.ts";
import { sweepArguments, sweepEnvironment } from "../../host/docker/sweep-command.ts";
import { itemId, shortId } from "../../host/docker/things.ts";
import { selfCommand } from "../../host/self.ts";
import { wallNow } from "../../host/system-clock.ts";
import { type Binding, boundNode } from "../../model/binding.ts";
import type { Capability } from "../../model/capability.ts";
import type { DeployContext, Deployment } from "../../model/deployer.ts";
import { ManagedCluster } from "../managed/cluster.ts";
import { startAll } from "../managed/start-all.ts";
import { checkLimits } from "./check-limits.ts";
import type { ComposeDeployerOptions } from "./compose.ts";
import { COMPOSE_FILE, composeFile } from "./compose-file.ts";
import { ContainerDriver } from "./container-driver.ts";
import { deliver } from "./deliver.ts";
import { makeImages, NodeImages } from "./node-images.ts";
import { type Reservation, reserveNetworks } from "./reserve.ts";
import { checkTools, LinksOnDemand } from "./run-links.ts";
import { sweepRun } from "./sweep.ts";

/** Time from reserve to slot 0, beside that which the containers take to start. */
const CHAIN_START_AFTER_MS = 1_000;
/** What is made by the kernel's packet filter. */
const FILTERED: readonly Capability[] = ["link.partition", "link.loss", "link.delay", "link.bandwidth"];
/** What each container adds: an engine makes and starts about four a second. */
const START_MS = 250;

interface Reserved extends Reservation {
  readonly engine: Engine;
  readonly images: NodeImages;
}

/** A run's hold on a Docker Engine. */
export function openCompose(context: DeployContext, { env, host, openTransport }: ComposeDeployerOptions): Deployment {
  const { runId, plan, clock, inventory, spawner, folder, nodeKind, events, needs } = context;
  const lost = Promise.withResolvers<CodedError>();
  let engine: Engine | undefined;
  let reserved: Reserved | undefined;
  let cluster: ManagedCluster | undefined;
  let containers: readonly { readonly node: string; readonly container: NodeContainer }[] = [];
  let stopWatching = () => {};
  /** A stage that is interrupted isn't waited for, and its requests are still under way. */
  let reserving: Promise<unknown> = Promise.resolve();

  const reserve = async (signal: AbortSignal): Promise<Binding> => {
    engine = await connectEngine(engineAddress(env), clock);
    signal.throwIfAborted();
    // Before anything is in the engine, so that whatever becomes of this process it is removed.
    await spawner.atEnd(sweepArguments(runId, engine.address), sweepEnvironment(env));
    await checkLimits(engine, plan.topology.limits ?? {});
    if (needs.some((need) => FILTERED.includes(need))) await checkTools({ engine, runId, clock }, needs);
    const images = new NodeImages(engine, clock);
    const names = plan.topology.nodes.map(({ name }) => name);
    const run = { runId, names, inventory, host: host?.() };
    const [networks, made] = await Promise.allSettled([
      reserveNetworks(engine, run, signal),
      // Before slot 0 is set, as one that isn't there yet takes its time.
      makeImages(context, images, signal),
    ]);
    for (const settled of [networks, made]) if (settled.status === "rejected") throw settled.reason;
    if (networks.status === "rejected") throw networks.reason;
    reserved = { engine, images, ...networks.value };
    const nodes = [...reserved.nodes];
    return { runId, chainStartMs: wallNow() + CHAIN_START_AFTER_MS + nodes.length * START_MS, nodes };
  };

  return {
    lost: lost.promise,

    reserve(signal) {
      const binding = reserve(signal);
      reserving = binding;
      return binding;
    },

    async deploy(binding, signal) {
      if (!reserved) throw new CodedError("NR-CORE-INTERNAL", "deployed before it was reserved");
      const { engine: inUse, images, subnets, ...networks } = reserved;
      const delivered = await deliver(context, { images, binding, networks }, signal);
      const compose = join(folder, COMPOSE_FILE);
      const file = await composeFile({ runId, subnets, nodes: delivered.map(({ spec }) => spec) });
      await writeFile(compose, file).catch((thrown: unknown) => {
        throw writeError(compose, thrown);
      });
      const links = new LinksOnDemand({
        engine: inUse,
        runId,
        clock,
        inventory,
        peers: networks.peers,
        nodes: binding.nodes,
      });
      const nodes = delivered.map(({ planned, spec, files }) => {
        const bound = boundNode(binding, planned.name);
        const container = new NodeContainer(inUse, spec);
        return {
          planned,
          bound,
          container,
          driver: new ContainerDriver({ engine: inUse, bound, container, inventory, links, files }),
        };
      });
      containers = nodes.map(({ planned, container }) => ({ node: planned.name, container }));
      stopWatching = await watchRemovals(inUse, runId, {
        gone: lost.resolve,
        removed(id, name) {
          if (nodes.some(({ driver }) => driver.hasRemoved(id))) return;
          inventory.removedByOthers(itemId(inUse, { kind: "container", id }));
          const message = `the container ${shortId(id)} (${name}) was removed by somebody else`;
          lost.resolve(
            new CodedError("NR-DOCKER-REMOVED", message, {
              hint: "Leave a run's containers to it until it has ended.",
            }),
          );
        },
      });
      cluster = new ManagedCluster({
        folder,
        nodes,
        events,
        clock,
        ownLinks: (conditions) => links.opened?.ownLinks(conditions) ?? [],
        connect: (bound) => nodeKind.connect(bound, openTransport(bound)),
      });
      await startAll(cluster, signal);
      return cluster;
    },

    async handOver() {
      if (!engine) return;
      const logs = containers.flatMap(({ node, container }) => {
        const left = container.leaveLog();
        return left === null ? [] : [{ node, ...left }];
      });
      await spawner.spawn({
        name: "logs",
        role: "runner",
        ...selfCommand(logsArguments(engine.address, folder, logs)),
        cwd: folder,
        env: sweepEnvironment(env),
        logFile: join(folder, "guardian.log"),
      });
    },

    async sweep(signal) {
      stopWatching();
      if (!engine) return [];
      return await sweepRun({ engine, runId, clock, nodes: cluster?.managed() ?? [], made: reserving }, signal);
    },
  };
}
