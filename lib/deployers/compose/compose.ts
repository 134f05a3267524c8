import type { BoundNode } from "../../model/binding.ts";
import { CAPABILITIES } from "../../model/capability.ts";
import type { Deployer } from "../../model/deployer.ts";
import type { Transport } from "../../model/transport.ts";
import { MOST_NODES } from "./addresses.ts";
import { openCompose } from "./deployment.ts";

export interface ComposeDeployerOptions {
  /** Says which Docker Engine: the variables of Docker's own programs. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where published ports are reached, if that isn't where the engine is: from a container that the engine's socket is in, say. */
  readonly host?: () => string | undefined;
  /** Carries requests to a node at this place. */
  readonly openTransport: (node: BoundNode) => Transport;
}

/** The backend whose nodes are containers of a Docker Engine, here or elsewhere. */
export function createComposeDeployer(options: ComposeDeployerOptions): Deployer {
  return {
    name: "compose",
    capabilities: () => CAPABILITIES,
    needsNodes: ["link.delay", "clock.offset"],
    mostNodes: MOST_NODES,
    holdsLimits: true,
    open: (context) => openCompose(context, options),
  };
}
