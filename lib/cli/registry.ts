import process from "node:process";
import { createComposeDeployer } from "../deployers/compose/compose.ts";
import { createLocalDeployer } from "../deployers/local/local.ts";
import { createSimulationDeployer } from "../deployers/simulation/simulation.ts";
import { BUILT_IN_EXPECTATIONS } from "../expectations/built-in.ts";
import { systemClock } from "../host/system-clock.ts";
import type { BoundNode } from "../model/binding.ts";
import { createUndiciTransport } from "../nodes/client/undici-transport.ts";
import { referenceKind } from "../nodes/reference/kind.ts";
import { readEnvironment } from "../plan/environment.ts";
import type { Parts } from "../run/start.ts";
import { BUILT_IN_TASKS } from "../tasks/built-in.ts";
import { BUILT_IN_WORKLOADS } from "../workloads/built-in.ts";
import { taskVariables } from "./task-variables.ts";

/** Everything that plans can name without bringing it. */
export function builtIn(): Parts {
  const openTransport = (node: BoundNode) => createUndiciTransport(node, systemClock);
  const backends = [
    createLocalDeployer({ openTransport }),
    createComposeDeployer({
      env: process.env,
      // When it is needed: what is wrong with the environment is to be said once, by whoever runs something.
      host: () => readEnvironment(process.env).values.composeHost,
      openTransport,
    }),
    createSimulationDeployer(),
  ];
  const deployers = new Map(backends.map((deployer) => [deployer.name, deployer]));
  return {
    deployers,
    place: () => ({
      folder: process.cwd(),
      env: process.env,
      variables: taskVariables(readEnvironment(process.env)),
    }),
    registry: {
      nodeKinds: new Map([[referenceKind.name, referenceKind]]),
      deployers,
      workloads: BUILT_IN_WORKLOADS,
      expectations: BUILT_IN_EXPECTATIONS,
      tasks: BUILT_IN_TASKS,
    },
  };
}
