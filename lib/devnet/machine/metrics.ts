import type { Chain } from "./chain.ts";
import type { Gossip } from "./gossip.ts";
import type { Importer } from "./importer.ts";
import type { Mempool } from "./mempool.ts";
import type { Producer } from "./producer.ts";
import type { Sampler } from "./sampler.ts";

export interface MetricSources {
  readonly chain: Chain;
  readonly mempool: Mempool;
  readonly gossip: Gossip;
  readonly importer: Importer;
  readonly producer: Producer;
  readonly sampler: Sampler;
  readonly slot: number;
  readonly slotTicks: number;
  readonly connections: number;
}

/** Counters (`_total`) and gauges under the names that the real node's dashboards expect. */
export function metricsOf(sources: MetricSources): Readonly<Record<string, number>> {
  const { chain, mempool, gossip, importer, producer, sampler, slot } = sources;
  const { tree } = chain;
  const pending = mempool.metrics().pendingItems;
  return {
    consensus_tip_height: tree.tip.height,
    consensus_finalized_height: tree.lib.height,
    consensus_current_slot: slot,
    consensus_current_epoch: 0,
    consensus_branches_count: tree.branchTips().length,
    consensus_peers_connected: gossip.peers().length,
    consensus_connections_total: sources.connections,
    consensus_processed_blocks: chain.added,
    consensus_blocks_imported_total: chain.added - producer.proposed,
    consensus_blocks_proposed_total: producer.proposed,
    consensus_blocks_refused_total: importer.refused,
    consensus_reorgs_total: chain.reorgs,
    consensus_block_tx_count: tree.tip.block?.txs.length ?? 0,
    consensus_block_transactions_total: chain.addedTxs,
    mempool_transactions_added_total: mempool.added,
    mempool_transactions_removed_total: mempool.removed,
    mempool_transactions_pending: pending,
    tx_mempool_pending_items: pending,
    da_samples_verified_total: sampler.verified,
    da_samples_failed_total: sampler.failed,
    orphan_blocks_pending: importer.orphanCount,
    time_current_slot: slot,
    time_current_epoch: 0,
    time_slot_ticks_generated_total: sources.slotTicks,
  };
}
