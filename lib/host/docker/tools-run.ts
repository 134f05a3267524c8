import type Docker from "dockerode";
import type { Clock } from "../../core/clock.ts";
import { withDeadline } from "../../core/wait.ts";
import type { Engine } from "./engine.ts";
import { statusOf } from "./errors.ts";
import { projectOf, runLabels } from "./labels.ts";
import { saidBy } from "./said.ts";

/** How long a container of the tools may take from its making to its end. It works for some milliseconds. */
const TOOLS_MS = 30_000;

/** Whose containers of the tools they are, and of what. */
export interface ToolsOptions {
  readonly runId: string;
  /** Name of the tools' image. */
  readonly image: string;
  readonly clock: Clock;
}

/** Something for the tools to do. */
export interface ToolsWork {
  /** Network namespace: `container:NAME`, or `none` for one of its own. */
  readonly network: string;
  readonly capabilities: readonly string[];
  /** For the tools' shell. */
  readonly script: string;
  /** `$1` and so on. */
  readonly args: readonly string[];
}

/** What a script of the tools came to. */
export interface ToolsAnswer {
  readonly code: number;
  /** All that it said, errors too. */
  readonly said: string;
}

/**
 * Does something with the tools in a network namespace, and takes their container away again.
 * @throws CodedError NR-DOCKER-*
 */
export async function runTools(engine: Engine, options: ToolsOptions, work: ToolsWork): Promise<ToolsAnswer> {
  const { runId, clock } = options;
  const name = `${projectOf(runId)}_tools_${crypto.randomUUID().slice(0, 8)}`;
  const container = engine.docker.getContainer(name);
  const what = `the work of ${name} in the network of ${work.network}`;
  try {
    return await withDeadline({ clock, what, timeoutMs: TOOLS_MS }, async () => {
      await engine.does(`make a container of ${options.image}`, (docker) =>
        docker.createContainer({ name, ...settingsOf(options, work) }),
      );
      await engine.does(`start ${name} in the network of ${work.network}`, () => container.start());
      const { StatusCode: code } = await engine.does(
        `wait for ${name}`,
        (): Promise<{ StatusCode: number }> => container.wait({ condition: "not-running" }),
      );
      return { code, said: await engine.does(`read what ${name} said`, () => saidBy(container)) };
    });
  } finally {
    await engine.does(`remove ${name}`, () => removeIfThere(container));
  }
}

function settingsOf({ runId, image }: ToolsOptions, work: ToolsWork): Docker.ContainerCreateOptions {
  return {
    Image: image,
    Entrypoint: ["/bin/sh"],
    // Only root keeps the capabilities that a container is given.
    User: "0:0",
    Cmd: ["-c", work.script, "sh", ...work.args],
    Labels: runLabels(runId),
    HostConfig: {
      NetworkMode: work.network,
      CapDrop: ["ALL"],
      CapAdd: [...work.capabilities],
      SecurityOpt: ["no-new-privileges"],
      // The engine's own choice may be one that can't be read back.
      LogConfig: { Type: "json-file", Config: {} },
    },
  };
}

async function removeIfThere(container: Docker.Container): Promise<void> {
  try {
    await container.remove({ force: true });
  } catch (thrown) {
    if (statusOf(thrown) !== 404) throw thrown;
  }
}
