/** One metric with all its samples. */
export interface MetricFamily {
  /** `[a-zA-Z_:][a-zA-Z0-9_:]*` */
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help?: string;
  readonly samples: readonly MetricSample[];
}

export interface MetricSample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Prometheus text exposition format, version 0.0.4. */
export function renderExposition(families: readonly MetricFamily[]): string {
  return families.map(renderFamily).join("");
}

function renderFamily({ name, type, help, samples }: MetricFamily): string {
  const escaped = help?.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
  const head = [...(escaped === undefined ? [] : [`# HELP ${name} ${escaped}`]), `# TYPE ${name} ${type}`];
  const lines = samples.map((sample) => `${name}${renderLabels(sample.labels)} ${number(sample.value)}`);
  return [...head, ...lines, ""].join("\n");
}

function renderLabels(labels: MetricSample["labels"] = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function number(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value);
}
