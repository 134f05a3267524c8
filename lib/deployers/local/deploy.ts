import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { CodedError, must } from "../../core/errors.ts";
import { writeError } from "../../host/disk-errors.ts";
import { type SelfCommand, selfCommand } from "../../host/self.ts";
import type { Binding } from "../../model/binding.ts";
import type { DeployContext } from "../../model/deployer.ts";
import type { RenderedFile, RenderedNode } from "../../model/node-kind.ts";
import type { SpawnSpec } from "../../model/spawner.ts";

/**
 * Renders every node and delivers its files to `nodes/<name>/` of the run folder, where its state will be too.
 * @returns what starts each node, in the plan's order
 * @throws CodedError NR-HOST-DISK-FULL, NR-HOST-WRITE
 */
export async function deliver(
  context: DeployContext,
  binding: Binding,
  signal: AbortSignal,
  self: (args: readonly string[]) => SelfCommand = selfCommand,
): Promise<SpawnSpec[]> {
  const { plan, nodeKind, genesis, folder } = context;
  await makeFolder(join(folder, "logs"));
  const specs: SpawnSpec[] = [];
  for (const node of plan.topology.nodes) {
    signal.throwIfAborted();
    const rendered = nodeKind.render({ plan, binding, genesis, node });
    const home = nodeFolder(folder, node.name);
    await writeFiles(home, rendered.files);
    specs.push({
      name: node.name,
      ...commandOf(rendered, self),
      cwd: home,
      env: rendered.env,
      logFile: nodeLog(folder, node.name),
    });
  }
  return specs;
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
      const target = join(home, path);
      if (relative(home, target).startsWith("..")) {
        throw new CodedError("NR-CORE-INTERNAL", `a node kind rendered a file outside the node's folder: ${path}`);
      }
      try {
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, content);
      } catch (error) {
        throw writeError(target, error);
      }
    }),
  );
}

function commandOf(rendered: RenderedNode, self: (args: readonly string[]) => SelfCommand): SelfCommand {
  if (rendered.program === "self") return self(rendered.args);
  return { command: rendered.program.path, args: rendered.args };
}
