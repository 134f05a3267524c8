import { type Genesis, ZERO_ID } from "../chain/types.ts";
import { CodedError, errorText } from "../core/errors.ts";
import { type Binding, type BoundNode, boundNode } from "../model/binding.ts";
import type { Node } from "../model/cluster.ts";
import type { CallOptions, NodeClient } from "../model/node-client.ts";
import type { NodeKind, RenderedFile } from "../model/node-kind.ts";
import type { Plan, PlannedNode } from "../model/plan.ts";
import type { Registry } from "../model/registry.ts";
import type { Transport } from "../model/transport.ts";
import type { Customs } from "./written.ts";

/**
 * Faults that nodes of any program can be hit by: those that some backend makes without the program's help. Links are cut,
 * thinned out and narrowed by the kernel below containers only.
 */
export const CUSTOM_CAPABILITIES = [
  "node.restart",
  "node.stop",
  "node.kill",
  "node.pause",
  "node.join",
  "link.partition",
  "link.loss",
  "link.bandwidth",
] as const;
export type CustomCapability = (typeof CUSTOM_CAPABILITIES)[number];

/** How long a node may take to say how it is. */
const HEALTH_TIMEOUT_MS = 2_000;

/** How one node of yours is started. */
export interface CustomRendered {
  /** Written below the node's own folder before it starts. */
  readonly files: readonly RenderedFile[];
  /** Absolute path of the program. */
  readonly program: string;
  /**
   * Image that has it, on backends whose nodes are containers: for what is more than a binary. Without it an image is made of
   * this machine's program and the C libraries that it needs.
   */
  readonly image?: string;
  /** Paths in them are relative to the node's folder, which is the working directory. */
  readonly args: readonly string[];
  /** Its whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a node of yours is rendered from. */
export interface CustomRenderRequest {
  readonly plan: Plan;
  readonly node: PlannedNode;
  /** Where this node listens. */
  readonly bound: BoundNode;
  /** Every node's place, validators first, for lists of peers. */
  readonly binding: Binding;
}

/**
 * A kind of node of your own: any program that runs as the processes of a cluster and makes no Nomos blockchain.
 * @typeParam Client what your workloads and expectations ask a node with
 */
export interface CustomNodeKind<Client = unknown> {
  /** What `plan` and reports call it. */
  readonly name: string;
  /** Faults that a cluster of it is expected to survive. */
  readonly capabilities: readonly CustomCapability[];
  /** Looks whether this machine can run it, before anything is started. Reject or throw with what must be installed. */
  check?(): Promise<void> | void;
  /** What starts a node. Called for each one once all addresses are known; they are the same over restarts. */
  render(request: CustomRenderRequest): CustomRendered;
  /** A client for the node at this place. The transport carries HTTP to it, whatever the backend. */
  connect(node: BoundNode, transport: Transport): Client;
  /**
   * What the node still lacks to take its part, in a few words, or null when it is well. Reject when it doesn't answer.
   * It decides when the network is ready, when a fault has healed, and which nodes are reachable.
   */
  lacks(client: Client, node: PlannedNode, options: CallOptions): Promise<string | null>;
  /** Prometheus exposition text, for `expectThreshold`. */
  metrics?(client: Client, options: CallOptions): Promise<string>;
}

/** A node kind of your own, and the way from a node to its client. */
export type DefinedNodeKind<Client> = CustomNodeKind<Client> & {
  /** The client of a running node. @throws CodedError NR-NODE-KIND when it doesn't run, or is of another kind */
  client(node: Node): Client;
};

/**
 * Defines a node kind of your own.
 * @example const etcd = nodeKind({ name: "etcd", capabilities: ["node.restart"], render, connect, lacks });
 */
export function nodeKind<Client>(definition: CustomNodeKind<Client>): DefinedNodeKind<Client> {
  return {
    ...definition,
    client(node) {
      const { name } = node.planned;
      if (node.state === "stopped") {
        throw new CodedError(
          "NR-NODE-KIND",
          `${name} is stopped and can't be asked: ${node.why ?? "it was never started"}`,
          {
            hint: "Take a node of ctx.cluster.running().",
          },
        );
      }
      const { own } = node.client;
      if (own?.kind !== definition.name) {
        throw new CodedError("NR-NODE-KIND", `${name} is no node of the kind ${definition.name}`, {
          hint: "Give the scenario withNodeKind, and leave --node-kind away.",
        });
      }
      return own.client as Client;
    },
  };
}

/** The registry with the scenario's own node kind beside those that it has. */
export function withCustomNodeKind(registry: Registry, { nodeKind: custom }: Pick<Customs, "nodeKind">): Registry {
  if (!custom) return registry;
  return { ...registry, nodeKinds: new Map([...registry.nodeKinds, [custom.name, asNodeKind(custom)]]) };
}

/** The kind as runs know it: a service, without a chain. */
function asNodeKind(custom: CustomNodeKind): NodeKind {
  return {
    name: custom.name,
    capabilities: custom.capabilities,
    predictableMessageIds: false,
    slotStepMs: 1,
    occupancy: () => 0,
    da: () => null,
    genesis: () => NO_GENESIS,
    render({ plan, binding, node }) {
      const bound = boundNode(binding, node.name);
      const { program: path, image, ...rendered } = custom.render({ plan, binding, node, bound });
      return { ...rendered, program: { path, ...(image !== undefined && { image }) }, state: [] };
    },
    connect: (node, transport) => clientOf(custom, node, transport),
    service: {
      async check() {
        try {
          await custom.check?.();
        } catch (cause) {
          throw new CodedError(
            "NR-NODE-MISSING",
            `nodes of the kind ${custom.name} can't run here: ${errorText(cause)}`,
            {
              hint: "Install what is missing and run it again.",
              cause,
            },
          );
        }
      },
      lacks: ({ client, planned }, signal) =>
        custom.lacks(client.own?.client, planned, { timeoutMs: HEALTH_TIMEOUT_MS, signal }),
    },
  };
}

/** Where there is no chain there is no first block either. */
const NO_GENESIS: Genesis = {
  id: ZERO_ID,
  tx: {
    tx: { ops: [], ledger: { inputs: [], outputs: [] }, executionGasPrice: 0n, storageGasPrice: 0n },
    opProofs: [],
    ledgerProof: new Uint8Array(0),
  },
  leaders: [],
};

function clientOf(custom: CustomNodeKind, node: BoundNode, transport: Transport): NodeClient {
  const refuse = async (): Promise<never> => {
    throw new CodedError(
      "NR-NODE-KIND",
      `${node.name} has no blockchain to ask about: it is of the kind ${custom.name}`,
      {
        hint: "Ask it by the client of its own kind: kind.client(node).",
      },
    );
  };
  const client = custom.connect(node, transport);
  return {
    own: { kind: custom.name, client },
    info: refuse,
    headers: refuse,
    block: refuse,
    networkInfo: refuse,
    submit: refuse,
    mempool: refuse,
    txStatus: refuse,
    disperse: refuse,
    share: refuse,
    daMembership: refuse,
    balance: refuse,
    metrics: async (options = {}) => (custom.metrics ? custom.metrics(client, options) : refuse()),
    close: () => transport.close(),
  };
}
