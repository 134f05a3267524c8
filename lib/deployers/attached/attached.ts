import { CodedError, errorText, must } from "../../core/errors.ts";
import { wallNow } from "../../host/system-clock.ts";
import type { BoundNode } from "../../model/binding.ts";
import type { DeployContext, Deployer, Deployment, FoundChain } from "../../model/deployer.ts";
import type { Transport } from "../../model/transport.ts";
import type { Wallet } from "../../model/wallets.ts";
import { attachedClient } from "./client.ts";
import { AttachedCluster, type OwnRun } from "./cluster.ts";
import { type FoundNode, findChainStart, findRoot } from "./found-chain.ts";
import { unspentOf } from "./unspent.ts";

export const ATTACHED = "attached";

/** Where the network is and what may be done with it. */
export interface AttachOptions {
  /** One for each node of the plan. */
  readonly nodes: readonly BoundNode[];
  /** The run that deployed it on this machine, with its chain's start; null for networks of somebody else's. */
  readonly own: (OwnRun & { readonly chainStartMs: number }) | null;
  readonly allowWrites: boolean;
  /** Wallets that the run may use; of an own run those of its genesis, whose present notes are looked up. */
  readonly wallets: readonly Wallet[];
  openTransport(node: BoundNode): Transport;
}

/** How long the first answer of a node may take. */
const PROBE_TIMEOUT_MS = 5_000;

/** The backend of nodes that are there already and stay: nothing is started, stopped or taken down. */
export function createAttachedDeployer(options: AttachOptions): Deployer {
  return {
    name: ATTACHED,
    attaches: true,
    capabilities: () => [],
    needsNodes: [],
    open: (context) => open(context, options),
  };
}

function open(context: DeployContext, options: AttachOptions): Deployment {
  const { runId, plan, nodeKind, genesis, clock, events } = context;
  const nodes = plan.topology.nodes.map((planned) => {
    const bound = must(
      options.nodes.find(({ name }) => name === planned.name),
      `the address of ${planned.name}`,
    );
    const client = nodeKind.connect(bound, options.openTransport(bound));
    return { planned, bound, client: attachedClient(client, planned.name, options.allowWrites) };
  });
  const found: FoundNode[] = nodes.map(({ planned, client }) => ({ name: planned.name, client }));
  const over = new AbortController();
  let chain: FoundChain | undefined;
  let cluster: AttachedCluster | undefined;
  let watching: Promise<void> | undefined;

  return {
    async reserve(signal) {
      await probe(nodes, signal);
      const root = await findRoot(found, signal);
      const first = must(found[0], "a node");
      const chainStartMs =
        options.own?.chainStartMs ?? (await findChainStart(first, plan.consensus.slotMs, clock, wallNow, signal));
      const wallets =
        options.own && options.allowWrites
          ? await unspentOf(options.wallets, genesis, first.client, signal)
          : options.wallets;
      chain = { root, wallets };
      return { runId, chainStartMs, nodes: nodes.map(({ bound }) => bound) };
    },

    found: () => must(chain, "the chain that was found"),

    async deploy() {
      cluster = new AttachedCluster({ nodes, clock, events, own: options.own });
      watching = cluster.watch(over.signal);
      return cluster;
    },

    async sweep() {
      over.abort();
      await watching;
      if (cluster) await cluster.close();
      else await Promise.all(nodes.map(({ client }) => client.close()));
      return [];
    },
  };
}

/** Asks every node once; whatever is no node is told apart, all of it at once. */
async function probe(
  nodes: readonly { readonly bound: BoundNode; readonly client: FoundNode["client"] }[],
  signal: AbortSignal,
): Promise<void> {
  const answers = await Promise.all(
    nodes.map(async ({ client }) => {
      try {
        await client.info({ signal, timeoutMs: PROBE_TIMEOUT_MS });
        return null;
      } catch (thrown) {
        signal.throwIfAborted();
        return thrown instanceof CodedError ? `${thrown.code}: ${thrown.message}` : errorText(thrown);
      }
    }),
  );
  const wrong = answers.filter((answer) => answer !== null);
  if (wrong.length === 0) return;
  const which = wrong.length === nodes.length ? "none" : `${nodes.length - wrong.length}`;
  throw new CodedError(
    "NR-ATTACH-NODE",
    `${which} of ${nodes.length} addresses answers as a node: ${wrong.join("; ")}`,
    {
      hint: "Name the address of each node's HTTP API, as `nomos-run up` prints it.",
    },
  );
}
