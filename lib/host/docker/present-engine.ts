import { existsSync } from "node:fs";
import type { Clock } from "../../core/clock.ts";
import { engineAddress } from "./address.ts";
import { connectEngine, type Engine } from "./engine.ts";

/**
 * The engine that containers of runs may be in; null where nobody named one and none is at the usual places.
 * @throws CodedError NR-DOCKER-* when one was named, or is there, and can't be asked
 */
export async function presentEngine(
  env: Readonly<Record<string, string | undefined>>,
  clock: Clock,
): Promise<Engine | null> {
  const address = engineAddress(env);
  const isUsual = !env["DOCKER_HOST"] && address.url.startsWith("unix://");
  if (isUsual && !existsSync(address.url.slice("unix://".length))) return null;
  return await connectEngine(address, clock);
}
