import { createLocalDeployer } from "../deployers/local/local.ts";
import { createSimulationDeployer } from "../deployers/simulation/simulation.ts";
import { BUILT_IN_EXPECTATIONS } from "../expectations/built-in.ts";
import { systemClock } from "../host/system-clock.ts";
import type { Deployer } from "../model/deployer.ts";
import type { Registry } from "../model/registry.ts";
import { createUndiciTransport } from "../nodes/client/undici-transport.ts";
import { referenceKind } from "../nodes/reference/kind.ts";
import { BUILT_IN_WORKLOADS } from "../workloads/built-in.ts";

/** Everything that plans can name without bringing it. */
export function builtIn(): { readonly registry: Registry; readonly deployers: ReadonlyMap<string, Deployer> } {
  const local = createLocalDeployer({ openTransport: (node) => createUndiciTransport(node, systemClock) });
  const deployers = new Map([local, createSimulationDeployer()].map((deployer) => [deployer.name, deployer]));
  return {
    deployers,
    registry: {
      nodeKinds: new Map([[referenceKind.name, referenceKind]]),
      deployers,
      workloads: BUILT_IN_WORKLOADS,
      expectations: BUILT_IN_EXPECTATIONS,
    },
  };
}
