/** `node test/guardian/soak.ts [COUNT]`: the kill series at length, 1,000 times by default. */
import process from "node:process";
import { systemClock, wallNow } from "../../lib/host/system-clock.ts";
import { killSeries } from "./harness.ts";

const count = Number(process.argv[2] ?? 1_000);
const seed = `soak-${wallNow()}`;
const begun = systemClock.now();
console.log(`killing ${count} runners at random moments, seed ${seed}`);
const { booted, slowestMs } = await killSeries({ count, parallel: 6, seed });
const seconds = ((systemClock.now() - begun) / 1_000).toFixed(0);
console.log(
  `nothing was left: ${count} kills in ${seconds} s, ${booted} after the boot, slowest ${slowestMs.toFixed(0)} ms`,
);
