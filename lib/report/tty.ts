import type { Clock } from "../core/clock.ts";
import { Narrator, type Weight } from "./narrator.ts";
import { ProgressFold } from "./progress.ts";
import type { Reporter, RunHeader } from "./reporter.ts";
import { fit, paintFor, type Screen } from "./screen.ts";
import { blobsText, chainText, faultsText, transactionsText } from "./summary-line.ts";
import { every } from "./ticker.ts";
import { verdictBlock } from "./verdict-block.ts";

/** Time between two drawings: a person sees movement, and a slow terminal keeps up. */
const REDRAW_MS = 250;
const BAR_WIDTH = 24;
/** Erases the line that the cursor is in. */
const ERASE_LINE = "\u001b[2K";
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

const STYLES = {
  quiet: "dim",
  plain: "reset",
  good: "green",
  warning: "yellow",
  bad: "red",
} as const satisfies Record<Weight, string>;

/** A panel that shows how the run stands, and above it a line for each event that matters. For terminals. */
export function createTtyReporter(header: RunHeader, screen: Screen, clock: Clock): Reporter {
  const paint = paintFor(screen);
  const progress = new ProgressFold();
  const narrator = new Narrator();
  let lastT = 0;
  let lastAt = clock.now();
  let drawn = 0;

  const runTime = () => lastT + clock.now() - lastAt;
  const panel = (): string[] => {
    const { plan } = header;
    const now = progress.now;
    const t = runTime();
    const inStage = t - now.stageStartedAt;
    const expected = now.stage === "drive" ? plan.durationMs : now.stageDeadlineMs;
    const rows: [string, string | null][] = [
      ["nodes", `${now.nodesUp.size} of ${plan.topology.nodes.length} up`],
      ["chain", plan.customNodeKind ? null : chainText(now, t)],
      ["transactions", transactionsText(now)],
      ["blobs", blobsText(now)],
      ["faults", faultsText(now)],
    ];
    const share = expected > 0 ? Math.min(1, inStage / expected) : 0;
    const filled = Math.round(share * BAR_WIDTH);
    const bar = now.stage === "drive" ? `  ${"#".repeat(filled)}${".".repeat(BAR_WIDTH - filled)}` : "";
    return [
      `${plan.name}  ${plan.deployer}, ${plan.topology.nodes.length} ${plan.nodeKind} nodes, seed ${plan.seed}`,
      `${now.stage}  ${seconds(inStage)} of ${now.stage === "drive" ? "" : "at most "}${seconds(expected)}${bar}`,
      ...rows.flatMap(([title, text]) => (text === null ? [] : [`  ${title.padEnd(13)}${text}`])),
    ];
  };
  const erase = () => {
    if (drawn > 0) screen.write(`\r\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const draw = () => {
    const columns = screen.columns() - 1;
    const lines = panel().map((line, i) => {
      const cut = fit(line, columns);
      return i === 0 ? paint("bold", cut) : i === 1 ? paint("cyan", cut) : cut;
    });
    const moveUp = drawn > 0 ? `\r\u001b[${drawn}A` : "";
    // Rewritten in place, then what was longer before is erased: no flicker.
    screen.write(`${moveUp}${lines.map((line) => `${ERASE_LINE}${line}\n`).join("")}\u001b[0J`);
    drawn = lines.length;
  };

  screen.write(HIDE_CURSOR);
  draw();
  const stop = every(clock, REDRAW_MS, draw);

  const above = (t: number, weight: Weight, text: string) => {
    erase();
    const line = `${seconds(t).padStart(8)}  ${text}`;
    screen.write(`${paint(STYLES[weight], fit(line, screen.columns() - 1))}\n`);
    draw();
  };
  const leave = (last: string) => {
    stop();
    erase();
    screen.write(`${SHOW_CURSOR}${last}`);
  };

  return {
    event(event) {
      lastT = event.t;
      lastAt = clock.now();
      progress.event(event);
      const shown = narrator.line(event);
      if (shown && shown.weight !== "quiet") above(event.t, shown.weight, shown.text);
    },
    note: (text) => above(runTime(), "warning", text),
    end: (report) => leave(verdictBlock(report, header.folder, screen)),
    abandon: () => leave(""),
  };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)}s`;
}
