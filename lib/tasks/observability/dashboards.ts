/** A graph of a dashboard. */
interface Graph {
  readonly title: string;
  /** PromQL; a line for each node. */
  readonly query: string;
  /** Grafana's name of the unit; a bare number by default. */
  readonly unit?: string;
}

/** How far back a rate looks: several scrapes. */
const WINDOW = "30s";

const level = (title: string, metric: string): Graph => ({ title, query: metric });
const rate = (title: string, metric: string): Graph => ({ title, query: `rate(${metric}[${WINDOW}])`, unit: "ops" });

/** Dashboards by name. Metrics have the real node's names; the last two are of what the embedded node doesn't have. */
const DASHBOARDS: Readonly<Record<string, readonly Graph[]>> = {
  overview: [
    level("Height of the tip", "consensus_tip_height"),
    { title: "Blocks behind the highest node", query: "scalar(max(consensus_tip_height)) - consensus_tip_height" },
    level("Blocks above the last final one", "consensus_tip_height - consensus_finalized_height"),
    level("Connected peers", "consensus_peers_connected"),
    level("Transactions waiting", "mempool_transactions_pending"),
    rate("Requests", "http_requests_total"),
    rate("Requests that failed", "http_requests_failed_total"),
    { title: "Nodes that can be scraped", query: 'up{job="nodes"}' },
  ],
  consensus: [
    level("Height of the tip", "consensus_tip_height"),
    level("Final height", "consensus_finalized_height"),
    level("Branches", "consensus_branches_count"),
    rate("Blocks imported", "consensus_blocks_imported_total"),
    rate("Blocks processed", "consensus_processed_blocks"),
    rate("Blocks proposed", "consensus_blocks_proposed_total"),
    rate("Blocks refused", "consensus_blocks_refused_total"),
    rate("Reorganisations", "consensus_reorgs_total"),
    level("Orphans", "orphan_blocks_pending"),
    level("Slot", "consensus_current_slot"),
    level("Epoch", "consensus_current_epoch"),
  ],
  time: [
    level("Slot", "time_current_slot"),
    level("Epoch", "time_current_epoch"),
    rate("Slots begun", "time_slot_ticks_generated_total"),
    { title: "Slots behind the fastest node", query: "scalar(max(time_current_slot)) - time_current_slot" },
  ],
  mempool: [
    level("Transactions waiting", "mempool_transactions_pending"),
    level("Items waiting", "tx_mempool_pending_items"),
    rate("Transactions added", "mempool_transactions_added_total"),
    rate("Transactions removed", "mempool_transactions_removed_total"),
    level("Transactions of the tip", "consensus_block_tx_count"),
    rate("Transactions in blocks", "consensus_block_transactions_total"),
  ],
  "data-availability": [
    rate("Samples verified", "da_samples_verified_total"),
    rate("Samples failed", "da_samples_failed_total"),
    rate("Blobs asked for", "da_blob_requests_total"),
    rate("Blobs answered", "da_blob_responses_total"),
  ],
  network: [
    level("Connected peers", "consensus_peers_connected"),
    level("Connections", "network_connections"),
    level("Connections being made", "network_connections_pending"),
    rate("Connections made", "consensus_connections_total"),
  ],
  api: [
    rate("Requests", "http_requests_total"),
    rate("Requests that failed", "http_requests_failed_total"),
    { title: "Answers by status", query: `sum by (node, status) (rate(http_responses_total[${WINDOW}]))`, unit: "ops" },
    {
      title: "Duration, 95th percentile",
      query: `histogram_quantile(0.95, sum by (node, le) (rate(http_request_duration_seconds_bucket[${WINDOW}])))`,
      unit: "s",
    },
  ],
  blend: [
    level("Connected peers", "blend_peers_connected"),
    rate("Messages sent", "blend_messages_sent_total"),
    rate("Messages received", "blend_messages_received_total"),
    rate("Packets mixed", "blend_mix_packets_processed_total"),
    rate("Messages that could not be sent", "blend_outbound_messages_failed_total"),
  ],
  storage: [
    rate("Operations", "storage_api_operations_total"),
    rate("Operations that failed", "storage_api_operations_failed_total"),
  ],
};

/** How Grafana knows the source of all graphs. */
export const DATA_SOURCE = "nomos-run";

const WIDTH = 12;
const HEIGHT = 8;

/** Dashboards as Grafana reads them from files: JSON by file name. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(DASHBOARDS).map(([name, graphs]) => [
      `${name}.json`,
      JSON.stringify(dashboard(name, graphs), null, 1),
    ]),
  );
}

function dashboard(name: string, graphs: readonly Graph[]) {
  const title = name.replaceAll("-", " ");
  return {
    uid: `nomos-run-${name}`,
    title: `Nomos: ${title}`,
    tags: ["nomos-run"],
    schemaVersion: 39,
    refresh: "5s",
    time: { from: "now-15m", to: "now" },
    panels: graphs.map(({ title: panel, query, unit = "none" }, i) => ({
      id: i + 1,
      type: "timeseries",
      title: panel,
      datasource: { type: "prometheus", uid: DATA_SOURCE },
      gridPos: { x: (i % 2) * WIDTH, y: Math.floor(i / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
      fieldConfig: { defaults: { unit }, overrides: [] },
      targets: [
        { refId: "A", expr: query, legendFormat: query.includes("status") ? "{{node}} {{status}}" : "{{node}}" },
      ],
    })),
  };
}
