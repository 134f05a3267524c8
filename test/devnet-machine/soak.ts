/**
 * The chaos of the agreement test with many seeds, then the speed of the virtual network.
 *
 *   node test/devnet-machine/soak.ts [SEEDS]     20 seeds of each network by default
 */
import { argv } from "node:process";
import { runChaos } from "./support/chaos.ts";
import { assertHolds, CHAOS_SERIES } from "./support/chaos-series.ts";
import { createNetwork, createWorld, slotTime } from "./support/network.ts";

const seeds = Number(argv[2] ?? 20);

for (const { title, world: options, chaos } of CHAOS_SERIES) {
  const started = performance.now();
  for (let i = 0; i < seeds; i++) {
    // Another world for every ten seeds: other keys, other leaders, other links.
    const world = createWorld({ ...options, seed: `soak-${Math.floor(i / 10)}` });
    const result = runChaos(world, { ...chaos, seed: `soak-${i}` });
    try {
      assertHolds(result);
    } catch (error) {
      console.error(`${title}, seed soak-${i}:`, result);
      throw error;
    }
  }
  console.log(`${title}: ${seeds} seeds hold (${((performance.now() - started) / 1_000).toFixed(1)} s)`);
}

for (const [nodes, slots] of [
  [5, 100],
  [50, 40],
] as const) {
  const world = createWorld({ nodes, topology: "star" });
  for (const what of ["lottery computed", "lottery remembered"]) {
    const { clock } = createNetwork(world);
    const started = performance.now();
    clock.runUntil(slotTime(slots));
    const perSecond = (1_000 * slots) / (performance.now() - started);
    console.log(`${nodes} nodes, ${what}: ${perSecond.toFixed(1)} slots/s`);
  }
}
