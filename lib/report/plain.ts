import type { Clock } from "../core/clock.ts";
import { Narrator } from "./narrator.ts";
import { ProgressFold } from "./progress.ts";
import type { Reporter, RunHeader } from "./reporter.ts";
import type { Screen } from "./screen.ts";
import { blobsText, chainText, faultsText, transactionsText } from "./summary-line.ts";
import { every } from "./ticker.ts";
import { verdictBlock } from "./verdict-block.ts";

/** Time between two lines that say how the run stands. */
const STANDING_EVERY_MS = 10_000;

/** One line for each event that matters, with the run's clock in seconds in front. For pipes and logs. */
export function createPlainReporter(header: RunHeader, screen: Screen, clock: Clock): Reporter {
  const progress = new ProgressFold();
  const narrator = new Narrator();
  let lastT = 0;
  let lastAt = clock.now();
  const line = (t: number, text: string) => screen.write(`[${(t / 1_000).toFixed(3).padStart(8)}s] ${text}\n`);
  const runTime = () => lastT + clock.now() - lastAt;
  const stop = every(clock, STANDING_EVERY_MS, () => line(runTime(), standing()));
  const standing = () => {
    const now = progress.now;
    const parts: [string, string | null][] = [
      ["", `${now.nodesUp.size} of ${header.plan.topology.nodes.length} nodes up`],
      ["", header.plan.customNodeKind ? null : chainText(now, runTime())],
      ["transactions ", transactionsText(now)],
      ["blobs ", blobsText(now)],
      ["faults ", faultsText(now)],
    ];
    const shown = parts.flatMap(([title, text]) => (text === null ? [] : [title + text]));
    return `${now.stage}: ${shown.join("; ")}`;
  };

  return {
    event(event) {
      lastT = event.t;
      lastAt = clock.now();
      progress.event(event);
      const shown = narrator.line(event);
      if (shown && shown.weight !== "quiet") line(event.t, shown.text);
    },
    note: (text) => line(runTime(), text),
    abandon: stop,
    end(report) {
      stop();
      screen.write(verdictBlock(report, header.folder, screen));
    },
  };
}
