import { stripVTControlCharacters } from "node:util";
import type { Clock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import type { TaskEvent } from "../model/task.ts";
import { fit, paintFor, type Screen } from "./screen.ts";
import { every } from "./ticker.ts";

/** Shows tasks at work. */
export interface TaskProgress {
  event(event: TaskEvent): void;
  /** Leaves the screen as others expect it. */
  close(): void;
}

const REDRAW_MS = 250;
/** Time between two lines that say how a task stands, where lines stay. */
const STANDING_EVERY_MS = 10_000;
const ERASE_LINE = "\r\u001b[2K";
const MIB = 2 ** 20;

/** A line that is drawn anew while a task works, and lines that stay. For terminals. */
export function taskProgressOnTerminal(screen: Screen, clock: Clock, verbose: boolean): TaskProgress {
  const standing = new Standing(clock);
  const paint = paintFor(screen);
  const draw = () => {
    const text = standing.text();
    screen.write(text === null ? "" : `${ERASE_LINE}${fit(text, screen.columns() - 1)}`);
  };
  const stop = every(clock, REDRAW_MS, draw);
  return {
    event(event) {
      standing.event(event);
      const line = lineOf(event, verbose);
      if (line === null) return;
      const style = event.type !== "ended" ? "reset" : event.outcome === "failed" ? "red" : "green";
      screen.write(`${ERASE_LINE}${paint(style, line)}\n`);
      draw();
    },
    close() {
      stop();
      screen.write(ERASE_LINE);
    },
  };
}

/** A line for each thing that happens, and one each 10 s that says how a task stands. For pipes and logs. */
export function taskProgressInLines(screen: Pick<Screen, "write">, clock: Clock, verbose: boolean): TaskProgress {
  const standing = new Standing(clock);
  const stop = every(clock, STANDING_EVERY_MS, () => {
    const text = standing.text();
    if (text !== null) screen.write(`${text}\n`);
  });
  return {
    event(event) {
      standing.event(event);
      const line = lineOf(event, verbose);
      if (line !== null) screen.write(`${line}\n`);
    },
    close: stop,
  };
}

/** One JSON object a line: every event, but progress at most once a second. For programs. */
export function taskProgressAsJson(screen: Pick<Screen, "write">, clock: Clock): TaskProgress {
  let nextAt = 0;
  return {
    event(event) {
      if (event.type === "progress") {
        if (clock.now() < nextAt) return;
        nextAt = clock.now() + 1_000;
      }
      screen.write(`${JSON.stringify(event)}\n`);
    },
    close: () => undefined,
  };
}

/** What a task does at the moment. */
class Standing {
  readonly #clock: Clock;
  #task: string | null = null;
  #startedAt = 0;
  #doing = "";

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  event(event: TaskEvent): void {
    switch (event.type) {
      case "started":
        this.#task = event.task;
        this.#startedAt = this.#clock.now();
        this.#doing = "";
        return;
      case "progress":
        this.#doing = `${event.text}${share(event.done, event.total)}`;
        return;
      case "output":
        this.#doing = printable(event.text);
        return;
      case "ended":
        this.#task = null;
        return;
      default:
        return;
    }
  }

  text(): string | null {
    if (this.#task === null) return null;
    const seconds = Math.floor((this.#clock.now() - this.#startedAt) / 1_000);
    return `${this.#task} (${seconds}s)${this.#doing === "" ? "" : `: ${this.#doing}`}`;
  }
}

/** What of bytes or entries is done. */
function share(done: number | null, total: number | null): string {
  if (done === null || done === 0) return "";
  if (total === null) return done > MIB ? ` ${(done / MIB).toFixed(1)} MiB` : ` ${done}`;
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  return total > MIB ? ` ${(done / MIB).toFixed(1)} of ${(total / MIB).toFixed(1)} MiB, ${percent} %` : ` ${percent} %`;
}

function lineOf(event: TaskEvent, verbose: boolean): string | null {
  switch (event.type) {
    case "note":
      return `${event.task}: ${printable(event.text)}`;
    case "output":
      return verbose ? `${event.task}: ${printable(event.text)}` : null;
    case "ended": {
      const took = event.outcome === "skipped" ? "" : ` after ${formatDuration(Math.ceil(event.ms / 100) * 100)}`;
      // What failed is said by the error that follows.
      const why = event.outcome === "failed" ? "" : `: ${event.why}`;
      const outputs = event.outcome === "done" || event.outcome === "skipped" ? Object.values(event.outputs) : [];
      return [`${event.task} ${event.outcome}${took}${why}`, ...outputs.map((path) => `  ${path}`)].join("\n");
    }
    default:
      return null;
  }
}

/** Without what would move a terminal's cursor or change its colours. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}/gu, "");
}
