import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { CodedError, must } from "../../core/errors.ts";
import { writeError } from "../../host/disk-errors.ts";
import { type SelfCommand, selfCommand } from "../../host/self.ts";
import type { Binding } from "../../model/binding.ts";
import type { NodeConditions } from "../../model/conditions.ts";
import type { DeployContext } from "../../model/deployer.ts";
import type { RenderedFile, RenderedNode } from "../../model/node-kind.ts";
import type { PlannedNode } from "../../model/plan.ts";
import type { SpawnSpec } from "../../model/spawner.ts";

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
  await makeFolder(join(folder, "logs"));
  const delivered: DeliveredNode[] = [];
  for (const node of plan.topology.nodes) {
    signal.throwIfAborted();
    const rendered = nodeKind.render({ plan, binding, genesis, node });
    const home = nodeFolder(folder, node.name);
    await writeFiles(home, rendered.files);
    delivered.push({
      planned: node,
      spec: {
        name: node.name,
        ...commandOf(rendered, self),
        cwd: home,
        env: rendered.env,
        logFile: nodeLog(folder, node.name),
      },
      state: rendered.state.map((path) => inside(home, path)),
      redeliver: (conditions) => writeFiles(home, nodeKind.render({ plan, binding, genesis, node, conditions }).files),
    });
  }
  return delivered;
}

/** A node's own folder in the run folder: configuration and state. */
export function nodeFolder(folder: string, name: string): string {
  return join(folder, "nodes", name);
}

/** A node's log in the run folder, over all its starts. */
export function nodeLog(folder: string, name: string): string {
  return join(folder, "logs", `${name}.log`);
}

/** The bound place of this node. */
export function boundNode(binding: Binding, name: string): Binding["nodes"][number] {
  return must(
    binding.nodes.find((node) => node.name === name),
    `the address of ${name}`,
  );
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw writeError(path, error);
  }
}

async function writeFiles(home: string, files: readonly RenderedFile[]): Promise<void> {
  await makeFolder(home);
  await Promise.all(
    files.map(async ({ path, content }) => {
      const target = inside(home, path);
      try {
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, content);
      } catch (error) {
        throw writeError(target, error);
      }
    }),
  );
}

function inside(home: string, path: string): string {
  const target = join(home, path);
  const way = relative(home, target);
  if (way !== "" && !way.startsWith("..")) return target;
  throw new CodedError("NR-CORE-INTERNAL", `a node kind named a file outside the node's folder: ${path}`);
}

function commandOf(rendered: RenderedNode, self: (args: readonly string[]) => SelfCommand): SelfCommand {
  if (rendered.program === "self") return self(rendered.args);
  return { command: rendered.program.path, args: rendered.args };
}
