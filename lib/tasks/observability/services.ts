import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import * as v from "valibot";
import { CodedError, errorText } from "../../core/errors.ts";
import { engineHost } from "../../host/docker/address.ts";
import type { Engine } from "../../host/docker/engine.ts";
import { neededImage } from "../../host/docker/image.ts";
import { loadImage } from "../../host/docker/image-archive.ts";
import { removeService, type Service, startService } from "../../host/docker/service.ts";
import { BindingSchema, type BoundNode } from "../../model/binding.ts";
import type { TaskContext } from "../../model/task.ts";
import { ARCHIVE } from "../image/image-name.ts";
import { grafana, prometheus, type Target } from "./configuration.ts";
import { GRAFANA, type ObservabilityOption, PROMETHEUS } from "./names.ts";

type Context = TaskContext<ObservabilityOption>;

/** Removes both, with what they know. */
export async function endObservability(engine: Engine, { note }: Context): Promise<void> {
  for (const name of [GRAFANA, PROMETHEUS]) {
    note(`${name} ${(await removeService(engine, name)) ? "is removed" : "was not there"}`);
  }
}

/**
 * Starts Prometheus, and Grafana unless there is to be none.
 * @throws CodedError NR-TASK-INPUT, NR-DOCKER-*
 */
export async function beginObservability(engine: Engine, context: Context): Promise<void> {
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

/** The engine's name of an image, before anything is started. */
async function imageOf(engine: Engine, written: string, { folder, progress }: Context): Promise<string> {
  if (!ARCHIVE.test(written)) {
    await neededImage(engine, written);
    return written;
  }
  progress(`loading ${written}`);
  return await loadImage(engine, resolve(folder, written));
}

/** The nodes of the run, and the addresses named. */
async function targetsOf({ options, folder }: Context): Promise<readonly Target[]> {
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
