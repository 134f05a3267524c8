import type { Consensus } from "../model/node-kind.ts";
import type { Plan } from "../model/plan.ts";
import { type Environment, NO_ENVIRONMENT } from "./environment.ts";
import type { Finding } from "./problem.ts";
import type { Settings } from "./settings.ts";
import type { Sources } from "./sources.ts";

/** The node's own parameters: 2 s slots, f 0.9, k 10; ties by the smaller id, so that agreement can be promised. */
export const DEFAULT_CONSENSUS: Consensus = { slotMs: 2_000, k: 10, f: 0.9, tieBreak: "smaller-id" };

/** For tests on the embedded node. With k 10, 200 ms slots put all of finality into one stall of the machine. */
export const FAST_CONSENSUS = { slotMs: 250, k: 40 } as const;

export interface ResolvedConsensus {
  readonly consensus: Consensus;
  readonly profile: Plan["profile"];
  /** What durations of the scenario are multiplied by, so that the run has as many slots as without the profile. */
  readonly timeScale: number;
  /** What the profile replaced although somebody had asked for it. */
  readonly warnings: readonly Finding[];
}

/** The parameters in force: the profile's, else the environment's, else the scenario's, else the defaults. */
export function resolveConsensus(
  written: Readonly<Partial<Consensus>>,
  profile: Plan["profile"],
  settings: Settings,
  sources: Sources,
): ResolvedConsensus {
  const { values, from }: Environment = settings.environment ?? NO_ENVIRONMENT;
  const consensus = { ...DEFAULT_CONSENSUS, ...written };
  const asked = new Set<string>(Object.keys(written));
  for (const key of ["slotMs", "k", "f"] as const) {
    const value = values[key];
    if (value === undefined) continue;
    consensus[key] = value;
    asked.add(key);
    sources.override(`consensus.${key}`, from[key] ?? "the environment");
  }
  if (profile === "default") return { consensus, profile, timeScale: 1, warnings: [] };
  const warnings = (["slotMs", "k"] as const)
    .filter((key) => asked.has(key) && consensus[key] !== FAST_CONSENSUS[key])
    .map((key): Finding => {
      const what = key === "k" ? "security parameter" : "slot length in ms";
      return {
        code: "NR-PLAN-PROFILE",
        path: `consensus.${key}`,
        message: `the profile fast has the ${what} ${FAST_CONSENSUS[key]}, and ${consensus[key]} was asked for`,
        hint: `Set it with --set consensus.${key}=..., or leave out the profile.`,
      };
    });
  const timeScale = FAST_CONSENSUS.slotMs / consensus.slotMs;
  return { consensus: { ...consensus, ...FAST_CONSENSUS }, profile, timeScale, warnings };
}
