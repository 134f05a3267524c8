import { build } from "hdr-histogram-js";
import type { Figure } from "../model/verdict.ts";

/**
 * Percentiles of latencies in ms, to three significant digits (HDR histogram), as figures of a judgement:
 * `<name>P50Ms`, `P90`, `P99`, `P999` and `Max`. All null when there are none.
 */
export function latencyFigures(name: string, latencies: readonly number[]): Readonly<Record<string, Figure>> {
  const histogram = build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 3_600_000,
    numberOfSignificantValueDigits: 3,
  });
  for (const latency of latencies) histogram.recordValue(Math.max(0, Math.round(latency)));
  const at = (percentile: number) => (latencies.length === 0 ? null : histogram.getValueAtPercentile(percentile));
  return {
    [`${name}P50Ms`]: at(50),
    [`${name}P90Ms`]: at(90),
    [`${name}P99Ms`]: at(99),
    [`${name}P999Ms`]: at(99.9),
    [`${name}MaxMs`]: at(100),
  };
}
