import type { Engine } from "./engine.ts";
import { statusOf } from "./errors.ts";

/** Something of a run in an engine. */
export interface EngineThing {
  readonly kind: "container" | "network" | "volume";
  /** The engine's own. */
  readonly id: string;
}

/** Characters of an engine's id that tell things apart, as its own programs show them. */
const SHOWN = 12;

/** A thing's id in the inventory: its own and its engine's, so that it can be looked for after the run. */
export function itemId({ address }: Engine, { id }: EngineThing): string {
  return `${shortId(id)} @ ${address.url}`;
}

/** What {@link itemId} wrote; null for what is of no engine. */
export function readItemId(item: string): { readonly id: string; readonly url: string } | null {
  const [, id, url] = /^([0-9a-f]{12}) @ ([a-z]+:\/\/.*)$/.exec(item) ?? [];
  return id === undefined || url === undefined ? null : { id, url };
}

/** An id as the engine's own programs show it. */
export function shortId(id: string): string {
  return id.slice(0, SHOWN);
}

/** The command that removes it by hand. */
export function removalOf({ kind, id }: EngineThing): string {
  return kind === "container" ? `docker rm -f ${shortId(id)}` : `docker ${kind} rm ${shortId(id)}`;
}

/** Whether the engine doesn't have it any more. @throws CodedError NR-DOCKER-* */
export async function isGone(engine: Engine, { kind, id }: EngineThing): Promise<boolean> {
  return await engine.does(`look for the ${kind} ${shortId(id)}`, async (docker) => {
    try {
      if (kind === "container") await docker.getContainer(id).inspect();
      else if (kind === "network") await docker.getNetwork(id).inspect();
      else await docker.getVolume(id).inspect();
      return false;
    } catch (thrown) {
      if (statusOf(thrown) === 404) return true;
      throw thrown;
    }
  });
}
