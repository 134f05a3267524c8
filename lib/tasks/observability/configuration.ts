import { DATA_SOURCE, dashboardFiles } from "./dashboards.ts";

/** Something with metrics. */
export interface Target {
  /** Its name in graphs. */
  readonly node: string;
  /** `127.0.0.1:18080` */
  readonly address: string;
}

/** A file of a container, by its absolute path. */
interface ConfigurationFile {
  readonly path: string;
  readonly content: string;
}

const PROMETHEUS_FILE = "/etc/prometheus/prometheus.yml";
const PROMETHEUS_DATA = "/prometheus";
const DASHBOARDS = "/etc/nomos-run/dashboards";

/** What Prometheus scrapes and how it is started. */
export function prometheus(targets: readonly Target[], options: { intervalMs: number; listen: string }) {
  const interval = `${options.intervalMs}ms`;
  const configuration = {
    global: { scrape_interval: interval, scrape_timeout: interval },
    scrape_configs: [
      {
        job_name: "nodes",
        metrics_path: "/metrics",
        static_configs: targets.map(({ node, address }) => ({ targets: [address], labels: { node } })),
      },
    ],
  };
  return {
    args: [
      `--config.file=${PROMETHEUS_FILE}`,
      `--storage.tsdb.path=${PROMETHEUS_DATA}`,
      `--web.listen-address=${options.listen}`,
      // What nodes push; a version that has no such feature says so and goes on.
      "--enable-feature=otlp-write-receiver",
    ],
    // JSON is YAML.
    files: [file(PROMETHEUS_FILE, configuration)],
    folders: [PROMETHEUS_DATA],
  };
}

/** Grafana's source and dashboards, and how it is started. */
export function grafana(options: { readonly prometheusUrl: string; readonly host: string; readonly port: number }) {
  const sources = {
    apiVersion: 1,
    datasources: [
      {
        name: "Prometheus",
        uid: DATA_SOURCE,
        type: "prometheus",
        access: "proxy",
        url: options.prometheusUrl,
        isDefault: true,
      },
    ],
  };
  const providers = {
    apiVersion: 1,
    providers: [{ name: "nomos-run", folder: "Nomos", type: "file", options: { path: DASHBOARDS } }],
  };
  return {
    env: { GF_SERVER_HTTP_ADDR: options.host, GF_SERVER_HTTP_PORT: String(options.port) },
    files: [
      file("/etc/grafana/provisioning/datasources/nomos-run.yaml", sources),
      file("/etc/grafana/provisioning/dashboards/nomos-run.yaml", providers),
      ...[...dashboardFiles()].map(([name, content]) => ({ path: `${DASHBOARDS}/${name}`, content })),
    ],
  };
}

function file(path: string, content: unknown): ConfigurationFile {
  return { path, content: `${JSON.stringify(content, null, 1)}\n` };
}
