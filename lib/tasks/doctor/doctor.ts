import { lookAtDocker } from "./docker.ts";
import { BACKENDS, type Backend, type Finding, missing, type Surroundings } from "./finding.ts";
import { lookAtKubernetes } from "./kubernetes.ts";
import { lookAtLocal } from "./local.ts";
import { lookAtRealNodes } from "./real-nodes.ts";

/** What was found for one purpose. */
export interface Diagnosis {
  /** A backend, or `real nodes`. */
  readonly of: string;
  /** Whether it can run; null where nothing depends on it. */
  readonly canRun: boolean | null;
  readonly findings: readonly Finding[];
}

const LOOKS: Readonly<Record<Backend, (place: Surroundings) => Promise<readonly Finding[]>>> = {
  local: lookAtLocal,
  compose: lookAtDocker,
  kubernetes: lookAtKubernetes,
};

/**
 * Looks for everything that backends and real nodes need, all at once. Nothing is changed, and nothing is waited for
 * longer than 3 s.
 * @param known backends that this program has
 */
export async function diagnose(place: Surroundings, known: ReadonlySet<string>): Promise<readonly Diagnosis[]> {
  const backends = BACKENDS.map(async (of) => {
    const looked = await LOOKS[of](place);
    const findings = known.has(of)
      ? looked
      : [missing("backend", "this version of nomos-run does not deploy to it", null), ...looked];
    return { of, canRun: findings.every(({ found, needed }) => found || !needed), findings };
  });
  const realNodes = lookAtRealNodes(place).then((findings) => ({ of: "real nodes", canRun: null, findings }));
  return await Promise.all([...backends, realNodes]);
}
