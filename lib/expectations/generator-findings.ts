import { formatDuration } from "../core/duration.ts";
import type { GeneratorHealth } from "../evidence/folds/generator-health.ts";
import { percentText } from "./findings.ts";

/** What an unhealthy generator means for a judgement, as a finding; null for a healthy one. */
export function healthFinding(health: GeneratorHealth): string | null {
  if (health.healthy) return null;
  const { workload, planned, missed, late, worstLateMs, unhealthyPercent, maxUnhealthyPercent, why } = health;
  const reason = why === null ? "" : `; mostly: ${why}`;
  return (
    `workload ${workload} did not keep its rate: of ${planned} starts ${missed} were missed and ${late} were over a slot late ` +
    `(worst ${formatDuration(worstLateMs)}), ${percentText(unhealthyPercent)} where ${maxUnhealthyPercent} % are allowed${reason}`
  );
}
