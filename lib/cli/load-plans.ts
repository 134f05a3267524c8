import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { CodedError } from "../core/errors.ts";
import { type LoadedScenario, loadScenario } from "../host/scenario-loader.ts";
import { systemClock } from "../host/system-clock.ts";
import type { Registry } from "../model/registry.ts";
import { RefusedPlan } from "../plan/problem.ts";
import { refusedForAll } from "../plan/resolve.ts";
import type { Settings } from "../plan/settings.ts";
import { renderError } from "../report/error-text.ts";
import { EXIT } from "./exit-codes.ts";
import { BUNDLE_ENDING } from "./kit/bundle-ending.ts";
import { SCENARIO_API } from "./scenario-api.ts";
import type { World } from "./world.ts";

/** Loads the plan that `FILE` or `FILE#name` names. @throws CodedError NR-HOST-SCENARIO-*, or the plan's own errors */
export async function loadPlan(written: string, world: World): Promise<LoadedScenario> {
  // A file that ends the program as it is loaded would else pass: nothing ran, and the exit code is the file's.
  const ended = () => {
    world.errors.write(renderError(endedBy(written), { debug: false }));
    process.exitCode = EXIT.refused;
  };
  process.once("exit", ended);
  try {
    return await loadScenario({
      written: await unpacked(written, world),
      folder: world.folder,
      api: SCENARIO_API,
      cacheFolder: cacheFolder(world.env),
      clock: systemClock,
    });
  } finally {
    process.off("exit", ended);
  }
}

/** What names the scenario of a packed one, `FILE.scenario.tgz`; anything else as it is. */
async function unpacked(written: string, world: World): Promise<string> {
  const [, file = "", name = ""] = /^(.*?)(#.*)?$/s.exec(written) ?? [];
  const path = resolve(world.folder, file);
  if (!file.endsWith(BUNDLE_ENDING) || !statSync(path, { throwIfNoEntry: false })?.isFile()) return written;
  // Loaded where it is needed: few scenarios are packed.
  const { openBundle } = await import("../host/scenario-bundle.ts");
  return `${await openBundle(path, cacheFolder(world.env))}${name}`;
}

function endedBy(written: string): CodedError {
  return new CodedError("NR-HOST-SCENARIO-THREW", `${written} ended the program while it was loaded`, {
    hint: "Leave process.exit out of scenario files: what they export is run once they are loaded.",
  });
}

/**
 * As `loadPlan`. What the scenario's `build()` refuses is thrown with everything that these settings add to it.
 * @throws as `loadPlan`
 */
export async function loadPlanFor(
  written: string,
  settings: Settings,
  registry: Registry,
  world: World,
): Promise<LoadedScenario> {
  try {
    return await loadPlan(written, world);
  } catch (thrown) {
    throw thrown instanceof RefusedPlan ? refusedForAll(thrown, settings, registry) : thrown;
  }
}

/** Where the XDG base directory specification puts caches; null where there is no home. */
export function cacheFolder(env: World["env"]): string | null {
  const { XDG_CACHE_HOME: caches, HOME: home } = env;
  if (caches?.startsWith("/")) return join(caches, "nomos-run");
  return home?.startsWith("/") ? join(home, ".cache", "nomos-run") : null;
}
