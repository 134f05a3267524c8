import type { MetricFamily } from "../../../telemetry/exposition.ts";
import type { NodeParts } from "./handlers.ts";

/** Everything that `/metrics` shows: the machine's figures and the shell's, under the real node's names where it has any. */
export function metricFamilies(node: NodeParts): readonly MetricFamily[] {
  const { connections, pending } = node.connections();
  const answers = [...node.answered].sort(([a], [b]) => a - b);
  const count = (counted: (status: number) => boolean) =>
    answers.reduce((sum, [status, times]) => sum + (counted(status) ? times : 0), 0);
  return [
    ...Object.entries(node.machine.metrics()).map(([name, value]) => single(name, value)),
    single("network_connections", connections),
    single("network_connections_pending", pending),
    single(
      "http_requests_total",
      count(() => true),
    ),
    single(
      "http_requests_failed_total",
      count((status) => status >= 400),
    ),
    {
      name: "http_responses_total",
      type: "counter",
      samples: answers.map(([status, value]) => ({ labels: { status: String(status) }, value })),
    },
  ];
}

/** By the naming convention a name that ends in `_total` is a counter. */
function single(name: string, value: number): MetricFamily {
  return { name, type: name.endsWith("_total") ? "counter" : "gauge", samples: [{ value }] };
}
