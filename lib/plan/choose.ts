import type { NodeKind } from "../model/node-kind.ts";
import type { Plan } from "../model/plan.ts";
import type { Registry } from "../model/registry.ts";
import { NO_ENVIRONMENT } from "./environment.ts";
import { didYouMean } from "./nearest.ts";
import type { Finding } from "./problem.ts";
import type { Settings } from "./settings.ts";
import { shown } from "./shown.ts";
import type { Sources } from "./sources.ts";

/** A backend as planning knows it. */
export type Backend = Registry["deployers"] extends ReadonlyMap<string, infer B> ? B : never;

/** Where and under what terms a plan runs. */
export interface Choice {
  readonly deployer: Backend;
  readonly nodeKind: NodeKind;
  readonly profile: Plan["profile"];
  readonly seed: string;
}

export const DEFAULT_DEPLOYER = "local";
export const DEFAULT_NODE_KIND = "reference";
const PROFILES: readonly Plan["profile"][] = ["default", "fast"];

/**
 * Takes what flags say, else the environment, else the scenario, else the default. Unknown names are findings, and
 * something that is known stands in for them; undefined where there is nothing.
 */
export function choose(
  settings: Settings,
  registry: Registry,
  written: { readonly seed: string | null; readonly nodeKind: string | undefined },
  sources: Sources,
  find: (findings: readonly Finding[]) => void,
): Choice | undefined {
  const { values, from } = settings.environment ?? NO_ENVIRONMENT;
  const pick = (path: "seed" | "profile" | "deployer", flag: string | undefined): string | undefined => {
    if (flag !== undefined) sources.override(path, `--${path}`);
    else if (values[path] !== undefined) sources.override(path, from[path] ?? "the environment");
    return flag ?? values[path];
  };
  if (settings.nodeKind !== undefined) sources.override("nodeKind", "--node-kind");

  const seed = pick("seed", settings.seed) ?? written.seed ?? settings.drawnSeed;
  if (seed === "") {
    find([
      {
        code: "NR-PLAN-VALUE",
        path: "seed",
        message: "the seed is empty",
        hint: "Give some text, or none at all to have one drawn.",
      },
    ]);
  }
  const profileName = pick("profile", settings.profile) ?? "default";
  const profile = PROFILES.find((name) => name === profileName);
  if (!profile) find([unknown("NR-PLAN-PROFILE", "profile", "profile", profileName, PROFILES)]);
  const deployerName = pick("deployer", settings.deployer) ?? DEFAULT_DEPLOYER;
  const deployer = registry.deployers.get(deployerName);
  if (!deployer)
    find([unknown("NR-PLAN-UNKNOWN", "deployer", "backend", deployerName, [...registry.deployers.keys()])]);
  const kindName = settings.nodeKind ?? written.nodeKind ?? DEFAULT_NODE_KIND;
  const nodeKind = registry.nodeKinds.get(kindName);
  if (!nodeKind) find([unknown("NR-PLAN-UNKNOWN", "nodeKind", "node kind", kindName, [...registry.nodeKinds.keys()])]);
  if (deployer?.nodeKinds && nodeKind && !deployer.nodeKinds.includes(nodeKind.name)) {
    find([
      {
        code: "NR-SIM-NODE-KIND",
        path: "deployer",
        message: `nodes of the kind ${nodeKind.name} can't run on the backend ${deployer.name}, whose nodes are part of this program`,
        hint: `It runs ${deployer.nodeKinds.join(", ")} nodes only; use --deployer ${DEFAULT_DEPLOYER}.`,
      },
    ]);
  }
  // What can be told whatever these are is told by others in their place.
  const [someDeployer] = registry.deployers.values();
  const [someKind] = registry.nodeKinds.values();
  const place = { deployer: deployer ?? someDeployer, nodeKind: nodeKind ?? someKind };
  if (!place.deployer || !place.nodeKind) return undefined;
  return { deployer: place.deployer, nodeKind: place.nodeKind, profile: profile ?? "default", seed };
}

function unknown(code: Finding["code"], path: string, noun: string, name: string, known: readonly string[]): Finding {
  const hint =
    known.length === 0 ? `No ${noun} is registered.` : `${didYouMean(name, known)}There are ${known.join(", ")}.`;
  return { code, path, message: `there is no ${noun} ${shown(name)}`, hint };
}
