import { type SelfCommand, selfCommand } from "../../host/self.ts";
import type { Binding } from "../../model/binding.ts";
import type { NodeConditions } from "../../model/conditions.ts";
import type { DeployContext } from "../../model/deployer.ts";
import type { RenderedNode } from "../../model/node-kind.ts";
import type { PlannedNode } from "../../model/plan.ts";
import type { SpawnSpec } from "../../model/spawner.ts";
import { logFolder, nodeLog } from "../managed/logs.ts";
import { insideFolder, makeFolder, nodeFolder, writeNodeFiles } from "../managed/node-files.ts";

/** What starts a node, and what a wipe of its disk deletes. */
export interface DeliveredNode {
  readonly planned: PlannedNode;
  readonly spec: SpawnSpec;
  /** Absolute paths of its state. */
  readonly state: readonly string[];
  /** Writes its files anew, for starts under these conditions. @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE */
  redeliver(conditions: NodeConditions): Promise<void>;
}

/**
 * Renders every node and delivers its files to `nodes/<name>/` of the run folder, where its state will be too.
 * @returns the nodes in the plan's order
 * @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE
 */
export async function deliver(
  context: DeployContext,
  binding: Binding,
  signal: AbortSignal,
  self: (args: readonly string[]) => SelfCommand = selfCommand,
): Promise<DeliveredNode[]> {
  const { plan, nodeKind, genesis, folder } = context;
  await makeFolder(logFolder(folder));
  const delivered: DeliveredNode[] = [];
  for (const node of plan.topology.nodes) {
    signal.throwIfAborted();
    const rendered = nodeKind.render({ plan, binding, genesis, node });
    const home = nodeFolder(folder, node.name);
    await writeNodeFiles(home, rendered.files);
    delivered.push({
      planned: node,
      spec: {
        name: node.name,
        ...commandOf(rendered, self),
        cwd: home,
        env: rendered.env,
        logFile: nodeLog(folder, node.name),
      },
      state: rendered.state.map((path) => insideFolder(home, path)),
      redeliver: (conditions) =>
        writeNodeFiles(home, nodeKind.render({ plan, binding, genesis, node, conditions }).files),
    });
  }
  return delivered;
}

function commandOf(rendered: RenderedNode, self: (args: readonly string[]) => SelfCommand): SelfCommand {
  if (rendered.program === "self") return self(rendered.args);
  return { command: rendered.program.path, args: rendered.args };
}
