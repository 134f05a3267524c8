/** `node test/healthy/soak.ts [RUNS]`: healthy runs in virtual time, 200 by default; then chains at half speed and stalled ones. */
import { argv } from "node:process";
import { caughtOf, HALF_SPEED, healthySeries, STALLED } from "./series.ts";

const runs = Number(argv[2] ?? 200);
const { alarms, blocks, expected, sigma } = await healthySeries(runs, "soak");
console.log(
  `${runs} healthy runs, ${alarms.length} alarms; ${blocks} blocks, ${expected.toFixed(1)} expected: ${((blocks - expected) / sigma).toFixed(2)} sigma`,
);
for (const alarm of alarms) console.log(`  ${alarm}`);
for (const [name, tampering] of [
  ["at half speed", HALF_SPEED],
  ["stalled", STALLED],
] as const) {
  const count = Math.ceil(runs / 4);
  const { caught, power } = await caughtOf(count, "soak", tampering);
  console.log(`${caught} of ${count} chains ${name} caught; power at half speed ${power.toFixed(4)}`);
}
if (alarms.length > 0) process.exitCode = 1;
