import { CodedError } from "../../core/errors.ts";
import { lineSplitter } from "../guardian-protocol.ts";
import type { Engine } from "./engine.ts";
import { NODE_LABEL, RUN_LABEL } from "./labels.ts";

/** Who is told of what an engine does. */
export interface RemovalListener {
  /** A node's container was removed, whoever did it. */
  removed(id: string, name: string): void;
  /** The engine has ended, or the way to it. */
  gone(error: CodedError): void;
}

/**
 * Listens for removals of a run's nodes: its other containers come and go. Resolves when the engine has begun to tell; returns what ends the listening.
 * @throws CodedError NR-DOCKER-*
 */
export async function watchRemovals(engine: Engine, runId: string, listener: RemovalListener): Promise<() => void> {
  const filters = JSON.stringify({
    type: ["container"],
    event: ["destroy"],
    label: [`${RUN_LABEL}=${runId}`, NODE_LABEL],
  });
  const abort = new AbortController();
  const stream = await engine.does("listen to its events", (docker) =>
    docker.getEvents({ filters, abortSignal: abort.signal }),
  );
  let closed = false;
  const split = lineSplitter((line) => {
    const { Actor: actor } = JSON.parse(line) as { Actor: { ID: string; Attributes: { name?: string } } };
    listener.removed(actor.ID, actor.Attributes.name ?? actor.ID);
  });
  stream.setEncoding("utf8");
  stream.on("data", split);
  const ended = () => {
    if (closed) return;
    closed = true;
    const message = `the Docker Engine at ${engine.address.url} ended, or the connection to it`;
    const hint =
      "Look at its own log: journalctl -u docker. A restart of it ends all containers unless it has live-restore.";
    listener.gone(new CodedError("NR-DOCKER-ENDED", message, { hint }));
  };
  stream.once("error", ended).once("end", ended).once("close", ended);
  return () => {
    closed = true;
    abort.abort();
  };
}
