import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as v from "valibot";
import { CodedError, errorText } from "../../core/errors.ts";
import type { Engine } from "../../host/docker/engine.ts";
import type { Service } from "../../host/docker/service.ts";
import { BindingSchema, type BoundNode } from "../../model/binding.ts";
import type { TaskContext } from "../../model/task.ts";
import { task } from "../../plan/task.ts";
import { checkImageName } from "../image/image-name.ts";
import { grafana, prometheus, type Target } from "./configuration.ts";

/** The containers: there is one of each in an engine. */
const PROMETHEUS = "nomos-run-prometheus";
const GRAFANA = "nomos-run-grafana";
/** Versions of the original. */
const PROMETHEUS_IMAGE = "prom/prometheus:v2.53.0";
const GRAFANA_IMAGE = "grafana/grafana:11.4.0";

const ARCHIVE = /\.(tar|tar\.gz|tgz)$/;
const ADDRESS = /^[\w.-]+:\d{1,5}$/;

type Option =
  | "action"
  | "prometheus"
  | "grafana"
  | "run"
  | "targets"
  | "prometheus-port"
  | "grafana-port"
  | "interval-ms";

/** Prometheus and Grafana beside runs. */
export const setupObservability = task<Option>("setup-observability", {
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
    const engine = await connectEngine(engineAddress(context.env), context.clock);
    await (context.options.action === "down" ? end(engine, context) : begin(engine, context));
  },
});

async function end(engine: Engine, { note }: TaskContext<Option>): Promise<void> {
  const { removeService } = await import("../../host/docker/service.ts");
  for (const name of [GRAFANA, PROMETHEUS]) {
    note(`${name} ${(await removeService(engine, name)) ? "is removed" : "was not there"}`);
  }
}

async function begin(engine: Engine, context: TaskContext<Option>): Promise<void> {
  const { engineHost } = await import("../../host/docker/address.ts");
  const { startService } = await import("../../host/docker/service.ts");
  const { clock, signal, options, note, progress } = context;
  const targets = await targetsOf(context);
  const images = {
    prometheus: await imageOf(engine, options.prometheus as string, context),
    grafana: options.grafana === "none" ? null : await imageOf(engine, options.grafana as string, context),
  };
  const host = engineHost(engine.address);
  // On this machine nobody else need reach them; on another they must be reached from outside of it.
  const listen = host === "127.0.0.1" ? host : "0.0.0.0";
  const start = async (service: Service) => {
    progress(`starting ${service.name}`);
    await startService(engine, service, { clock, signal });
  };

  const port = Number(options["prometheus-port"]);
  const url = `http://${host}:${port}`;
  const scraper = prometheus(targets, { intervalMs: Number(options["interval-ms"]), listen: `${listen}:${port}` });
  await start({ ...scraper, name: PROMETHEUS, image: images.prometheus, env: {}, readyUrl: `${url}/-/ready` });
  note(`Prometheus scrapes ${targets.length === 0 ? "nothing yet" : targets.map(({ node }) => node).join(", ")}`);
  note(`NOMOS_METRICS_QUERY_URL=${url}`);
  note(`NOMOS_METRICS_OTLP_INGEST_URL=${url}/api/v1/otlp/v1/metrics`);
  if (images.grafana === null) return;

  const grafanaPort = Number(options["grafana-port"]);
  const viewer = grafana({ prometheusUrl: `http://127.0.0.1:${port}`, host: listen, port: grafanaPort });
  const grafanaUrl = `http://${host}:${grafanaPort}`;
  const ready = `${grafanaUrl}/api/health`;
  await start({ ...viewer, name: GRAFANA, image: images.grafana, args: [], folders: [], readyUrl: ready });
  note(`NOMOS_GRAFANA_URL=${grafanaUrl}`);
}

async function imageOf(engine: Engine, written: string, { folder, progress }: TaskContext<Option>): Promise<string> {
  if (!ARCHIVE.test(written)) return written;
  const { loadImage } = await import("../../host/docker/image-archive.ts");
  progress(`loading ${written}`);
  return await loadImage(engine, resolve(folder, written));
}

/** The nodes of the run, and the addresses named. */
async function targetsOf({ options, folder }: TaskContext<Option>): Promise<readonly Target[]> {
  const named = (options.targets ?? "").split(",").filter((address) => address !== "");
  const nodes = options.run === undefined ? [] : await nodesOf(join(resolve(folder, options.run), "binding.json"));
  return [
    ...nodes.map(({ name, host, apiPort, reach = { host, apiPort } }) => ({
      node: name,
      address: `${reach.host}:${reach.apiPort}`,
    })),
    ...named.map((address) => ({ node: address, address })),
  ];
}

async function nodesOf(path: string): Promise<readonly BoundNode[]> {
  try {
    return v.parse(BindingSchema, JSON.parse(await readFile(path, "utf8"))).nodes;
  } catch (cause) {
    throw new CodedError("NR-TASK-INPUT", `${path} does not say where a run's nodes are: ${errorText(cause)}`, {
      hint: "Name the folder of a run whose nodes are up: nomos-run up FILE leaves one.",
      cause,
    });
  }
}

function checkImage(value: string): string | undefined {
  return ARCHIVE.test(value) ? undefined : checkImageName(value);
}

function checkPort(value: string): string | undefined {
  return /^\d{1,5}$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535 ? undefined : "is no port";
}
