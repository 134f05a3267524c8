import { Readable } from "node:stream";
import type Docker from "dockerode";
import type { Clock } from "../../core/clock.ts";
import { CodedError } from "../../core/errors.ts";
import { type Look, waitFor } from "../../core/wait.ts";
import type { Engine } from "./engine.ts";
import { statusOf } from "./errors.ts";
import { saidBy } from "./said.ts";
import { fileEntries, tarOf } from "./tar-stream.ts";

/** Label of a server that stays beside runs, with its name. */
const SERVICE_LABEL = "nomos-run.service";

const LOOK_INTERVAL_MS = 100;
const READY_MS = 60_000;
const ANSWER_MS = 2_000;
/** Lines of a server that ended, in the error. */
const LAST_LINES = 5;

/** A server that stays beside runs, in a container with the network of its engine's machine. */
export interface Service {
  /** Of its container: there is one of it in an engine. */
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** By absolute paths; readable by everyone. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  /** Absolute paths of folders that everyone can write to. */
  readonly folders: readonly string[];
  /** Where it answers with a status below 300 when it is ready. */
  readonly readyUrl: string;
}

/**
 * Starts a server, in place of the one of its name if there is one, and waits until it is ready.
 * @throws CodedError NR-DOCKER-IMAGE, NR-DOCKER-PORT where somebody else answers already, NR-DOCKER-SERVICE when it ends or
 *   does not get ready; then nothing of it is left
 */
export async function startService(
  engine: Engine,
  service: Service,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const { name, image, args, env, files, folders, readyUrl } = service;
  await removeService(engine, name);
  if ((await answer(readyUrl)) !== null) {
    throw new CodedError("NR-DOCKER-PORT", `somebody answers at ${new URL(readyUrl).origin}, where ${name} would be`, {
      hint: "End that program, or choose another port.",
    });
  }
  const container = engine.docker.getContainer(name);
  try {
    await engine.does(`make the container ${name} of ${image}`, (docker) =>
      docker.createContainer({
        name,
        Image: image,
        Cmd: [...args],
        Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
        Labels: { [SERVICE_LABEL]: name },
        HostConfig: { NetworkMode: "host", CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"] },
      }),
    );
    const entries = [
      ...folders.map((path) => ({ path: `${path.slice(1)}/`, mode: 0o1777, owner: 0, size: 0, bytes: [] })),
      ...fileEntries(
        files.map(({ path, content }) => ({ path: path.slice(1), content })),
        0,
      ),
    ];
    await engine.does(`put files into ${name}`, () =>
      container.putArchive(Readable.from(tarOf(entries)), { path: "/" }),
    );
    await engine.does(`start ${name}`, () => container.start());
    await waitFor({
      clock,
      what: `${name} to be ready at ${readyUrl}`,
      timeoutMs: READY_MS,
      intervalMs: LOOK_INTERVAL_MS,
      signal,
      code: "NR-DOCKER-SERVICE",
      look: () => look(engine, service, container),
    });
  } catch (thrown) {
    await removeService(engine, name);
    throw thrown;
  }
}

/** Removes a server with all that it has. Returns whether it was there. @throws CodedError NR-DOCKER-* */
export async function removeService(engine: Engine, name: string): Promise<boolean> {
  const found = await engine.does(`look for ${name}`, (docker) =>
    docker.listContainers({ all: true, filters: { label: [`${SERVICE_LABEL}=${name}`] } }),
  );
  for (const { Id } of found) {
    await engine.does(`remove ${name}`, async (docker) => {
      try {
        await docker.getContainer(Id).remove({ force: true, v: true });
      } catch (thrown) {
        if (statusOf(thrown) !== 404) throw thrown;
      }
    });
  }
  return found.length > 0;
}

async function look(engine: Engine, { name, readyUrl }: Service, container: Docker.Container): Promise<Look<null>> {
  const { State } = await engine.does(`look at ${name}`, () => container.inspect());
  if (!State.Running) {
    const said = await engine.does(`read what ${name} said`, () => saidBy(container, LAST_LINES));
    const lines = said.split("\n").map((line) => line.trim());
    throw new CodedError(
      "NR-DOCKER-SERVICE",
      `${name} ended with ${State.ExitCode}: ${lines.filter(Boolean).join(" | ")}`,
    );
  }
  const status = await answer(readyUrl);
  if (status !== null && status < 300) return { done: true, value: null };
  return { done: false, seen: status === null ? "no answer" : `HTTP ${status}` };
}

/** Status of an answer; null where nobody answers. */
async function answer(url: string): Promise<number | null> {
  try {
    const { status, body } = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    await body?.cancel();
    return status;
  } catch (thrown) {
    // Refused, cut off or late: whoever waits looks again.
    if (thrown instanceof TypeError || thrown instanceof DOMException) return null;
    throw thrown;
  }
}
