import { task } from "../../plan/task.ts";
import { ARCHIVE, checkImageName } from "../image/image-name.ts";
import { GRAFANA, type ObservabilityOption, PROMETHEUS } from "./names.ts";

/** Versions of the original. */
const PROMETHEUS_IMAGE = "prom/prometheus:v2.53.0";
const GRAFANA_IMAGE = "grafana/grafana:11.4.0";

const ADDRESS = /^[\w.-]+:\d{1,5}$/;

/** Prometheus and Grafana beside runs. */
export const setupObservability = task<ObservabilityOption>("setup-observability", {
  description: "Start Prometheus and Grafana with dashboards of the nodes' metrics, or end them",
  options: {
    action: {
      summary: "up or down",
      default: "up",
      check: (value) => (value === "up" || value === "down" ? undefined : "is neither up nor down"),
    },
    prometheus: {
      summary: "image that the engine has, or an archive of one",
      default: PROMETHEUS_IMAGE,
      check: checkImage,
    },
    grafana: { summary: "the same, or none", default: GRAFANA_IMAGE, check: checkImage },
    run: { summary: "run folder whose nodes are scraped, such as .nomos-run/latest" },
    targets: {
      summary: "addresses that are scraped at /metrics, such as 127.0.0.1:18080, with commas",
      check: (value) => {
        const wrong = value.split(",").find((each) => !ADDRESS.test(each));
        return wrong === undefined ? undefined : `has ${JSON.stringify(wrong)} in it, which is not HOST:PORT`;
      },
    },
    "prometheus-port": { summary: "where it listens", default: "9090", check: checkPort },
    "grafana-port": { summary: "where it listens", default: "3000", check: checkPort },
    "interval-ms": {
      summary: "time between two scrapes",
      default: "5000",
      check: (value) => (/^[1-9]\d{1,6}$/.test(value) ? undefined : "is no number of milliseconds from 10"),
    },
  },
  steps: ({ options }) =>
    options.action === "down"
      ? [`remove ${PROMETHEUS} and ${GRAFANA}, with what they know`]
      : [
          `start ${PROMETHEUS} of ${options.prometheus} at port ${options["prometheus-port"]}`,
          ...(options.grafana === "none"
            ? []
            : [`start ${GRAFANA} of ${options.grafana} at port ${options["grafana-port"]}, with dashboards`]),
        ],
  timeout: "10m",
  recipe: "1",
  async run(context) {
    // Only here: every plan knows this task, and few run it.
    const { engineAddress } = await import("../../host/docker/address.ts");
    const { connectEngine } = await import("../../host/docker/engine.ts");
    const { beginObservability, endObservability } = await import("./services.ts");
    const engine = await connectEngine(engineAddress(context.env), context.clock);
    await (context.options.action === "down" ? endObservability : beginObservability)(engine, context);
  },
});

function checkImage(value: string): string | undefined {
  return ARCHIVE.test(value) ? undefined : checkImageName(value);
}

function checkPort(value: string): string | undefined {
  return /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535 ? undefined : "is no port";
}
