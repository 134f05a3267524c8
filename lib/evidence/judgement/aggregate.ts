/**
 * One value of many samples, null where these don't give one: nothing but `count` and `sum` is known of none, and
 * `increase` takes two.
 */
export function aggregate(over: string, samples: readonly number[]): number | null {
  if (over === "count") return samples.length;
  const sum = samples.reduce((total, value) => total + value, 0);
  if (over === "sum") return sum;
  if (samples.length === 0) return null;
  switch (over) {
    case "min":
      return samples.reduce((least, value) => Math.min(least, value));
    case "max":
      return samples.reduce((most, value) => Math.max(most, value));
    case "mean":
      return sum / samples.length;
    case "last":
      return samples.at(-1) ?? null;
    case "increase":
      return increase(samples);
    default:
      return percentile(samples, Number(over.slice(1)));
  }
}

/** How much a counter has grown. One that falls has begun anew at 0, as with a restart. */
function increase(samples: readonly number[]): number | null {
  if (samples.length < 2) return null;
  let total = 0;
  for (let i = 1; i < samples.length; i++) {
    const now = samples[i] ?? 0;
    const before = samples[i - 1] ?? 0;
    total += now >= before ? now - before : now;
  }
  return total;
}

/** The smallest sample that `percent` of them don't exceed: nearest rank. */
function percentile(samples: readonly number[], percent: number): number | null {
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null;
}
