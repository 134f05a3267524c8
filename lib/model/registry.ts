import type { Deployer } from "./deployer.ts";
import type { ExpectationFactory } from "./expectation.ts";
import type { NodeKind } from "./node-kind.ts";
import type { Task } from "./task.ts";
import type { WorkloadFactory } from "./workload.ts";

/** What `resolve` and `run` know by name; the caller puts it together, so rooms below need not know rooms above. */
export interface Registry {
  readonly nodeKinds: ReadonlyMap<string, NodeKind>;
  readonly deployers: ReadonlyMap<
    string,
    Pick<Deployer, "name" | "capabilities" | "needsNodes" | "nodeKinds" | "mostNodes" | "holdsLimits">
  >;
  readonly workloads: ReadonlyMap<string, WorkloadFactory>;
  readonly expectations: ReadonlyMap<string, ExpectationFactory>;
  readonly tasks: ReadonlyMap<string, Task>;
}
