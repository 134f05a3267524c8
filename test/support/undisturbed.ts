import { AssertionError } from "node:assert";
import { readFileSync } from "node:fs";
import type { TestContext } from "node:test";
import { systemClock } from "../../lib/host/system-clock.ts";

/** More of the processors' time than this taken away by the machine's host, and a run that kept no pace proves nothing. */
const MOST_STOLEN = 0.05;
const ATTEMPTS = 6;
/** Hosts that lend processor time for a while want it back: a rest earns some. */
const REST_MS = 60_000;
const INCONCLUSIVE = 2;

/**
 * Of a test whose run must keep a pace in real time. The host of a virtual machine may take its processors away for half of
 * the time (`steal` of proc(5)); a run then says that it could not keep its rate, and comes out inconclusive, as it should.
 * Where that was so, the body is done again. Everything else that it throws is a failure at once.
 */
export async function undisturbed(t: TestContext, body: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const before = processorTime();
    try {
      return await body();
    } catch (thrown) {
      const stolen = stolenSince(before);
      if (attempt === ATTEMPTS || !isInconclusive(thrown) || stolen < MOST_STOLEN) throw thrown;
      t.diagnostic(
        `inconclusive while the machine's host took ${Math.round(100 * stolen)} % of its processors: once more`,
      );
      await systemClock.sleep(REST_MS);
    }
  }
}

function isInconclusive(thrown: unknown): boolean {
  return thrown instanceof AssertionError && thrown.actual === INCONCLUSIVE && thrown.expected === 0;
}

interface ProcessorTime {
  readonly stolen: number;
  /** In which something was to be done. */
  readonly wanted: number;
}

function processorTime(): ProcessorTime {
  const [, ...ticks] = (readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "").split(/\s+/).map(Number);
  const [user = 0, nice = 0, system = 0, , , hard = 0, soft = 0, stolen = 0] = ticks;
  return { stolen, wanted: user + nice + system + hard + soft + stolen };
}

function stolenSince(before: ProcessorTime): number {
  const now = processorTime();
  return (now.stolen - before.stolen) / Math.max(1, now.wanted - before.wanted);
}
