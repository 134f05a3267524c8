/** The containers: there is one of each in an engine. */
export const PROMETHEUS = "nomos-run-prometheus";
export const GRAFANA = "nomos-run-grafana";

/** What the task `setup-observability` can be told. */
export type ObservabilityOption =
  | "action"
  | "prometheus"
  | "grafana"
  | "run"
  | "targets"
  | "prometheus-port"
  | "grafana-port"
  | "interval-ms";
