import type { ContainerSpec } from "../../host/docker/container.ts";
import { type Binding, boundNode } from "../../model/binding.ts";
import type { NodeConditions } from "../../model/conditions.ts";
import type { DeployContext } from "../../model/deployer.ts";
import type { RenderedFile } from "../../model/node-kind.ts";
import type { PlannedNode } from "../../model/plan.ts";
import { logFolder, nodeLog } from "../managed/logs.ts";
import { makeFolder, nodeFolder, writeNodeFiles } from "../managed/node-files.ts";
import type { NodeImages } from "./node-images.ts";

const MIB = 2 ** 20;
/** The most memory that a node may take where the plan doesn't say: ten times what the embedded node is seen to. */
const MEMORY_MIB = 1_024;
/** Readable by the user that containers run as, who is nobody on this machine. */
const READABLE = 0o644;

/** What makes a node's container. */
export interface DeliveredNode {
  readonly planned: PlannedNode;
  readonly spec: ContainerSpec;
  /** Its files for starts under these conditions. The run folder keeps those under none: what is booted of it later is under no fault. */
  files(conditions: NodeConditions): readonly RenderedFile[];
}

/**
 * Renders every node, writes its files to `nodes/<name>/` of the run folder.
 * @returns the nodes in the plan's order
 * @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE, NR-DOCKER-*
 */
export async function deliver(
  context: DeployContext,
  place: { readonly images: NodeImages; readonly binding: Binding; readonly networks: ContainerSpec["networks"] },
  signal: AbortSignal,
): Promise<DeliveredNode[]> {
  const { runId, plan, nodeKind, genesis, folder } = context;
  const { images, binding, networks } = place;
  const { memoryMiB = MEMORY_MIB, cpus } = plan.topology.limits ?? {};
  await makeFolder(logFolder(folder));
  const delivered: DeliveredNode[] = [];
  for (const node of plan.topology.nodes) {
    signal.throwIfAborted();
    const rendered = nodeKind.render({ plan, binding, genesis, node });
    const program = await images.of(rendered);
    const home = nodeFolder(folder, node.name);
    await writeNodeFiles(home, rendered.files, READABLE);
    delivered.push({
      planned: node,
      spec: {
        runId,
        bound: boundNode(binding, node.name),
        networks,
        ...program,
        args: rendered.args,
        env: rendered.env,
        files: rendered.files,
        state: rendered.state,
        memoryBytes: Math.round(memoryMiB * MIB),
        ...(cpus !== undefined && { cpus }),
        folder,
        logFile: nodeLog(folder, node.name),
      },
      files: (conditions) => nodeKind.render({ plan, binding, genesis, node, conditions }).files,
    });
  }
  return delivered;
}
