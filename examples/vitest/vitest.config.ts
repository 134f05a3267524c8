import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // A network boots in seconds, and blocks come when they come.
    testTimeout: 120_000,
    // Test files at once are networks at once: four nodes' worth of processes each.
    maxWorkers: 1,
  },
  // This example uses the checkout that it is in. Where nomos-run is installed, leave this out.
  resolve: { alias: { "nomos-run": fileURLToPath(new URL("../../lib/index.ts", import.meta.url)) } },
});
