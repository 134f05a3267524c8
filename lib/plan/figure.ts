/** A number as people read it: at most three significant digits, whole numbers in full. */
export function figure(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(3)));
}

/** A probability as people read it: `99.3 %`, `1e-6` where it is rare, `> 99.9 %` where it is nearly certain. */
export function chance(probability: number): string {
  if (probability === 0) return "0";
  if (probability < 0.001) return probability.toExponential(1).replace(".0e", "e");
  if (probability > 0.999 && probability < 1) return "> 99.9 %";
  return `${Number((probability * 100).toPrecision(3))} %`;
}
