import { formatDuration } from "../core/duration.ts";
import type { EventData, RunEvent } from "../model/events.ts";

/** How much a line matters to somebody who watches. */
export type Weight = "quiet" | "plain" | "good" | "warning" | "bad";

export interface EventLine {
  readonly weight: Weight;
  readonly text: string;
}

/** Says in one line what an event means to a person. */
export class Narrator {
  /** Nodes that nobody expects an answer of: still starting, or ended. */
  readonly #silent = new Set<string>();
  /** Nodes whose silence was not worth a line, so that its end isn't either. */
  readonly #untold = new Set<string>();

  /** The event's line; null for those that only matter in numbers, or say what was to be expected. */
  line(event: RunEvent): EventLine | null {
    if (event.type === "node.started" || event.type === "node.ended") this.#silent.add(event.node);
    if (event.type === "node.answered") this.#silent.delete(event.node);
    if (event.type === "node.reachable") {
      if (event.reachable && this.#untold.delete(event.node)) return null;
      if (!event.reachable && this.#silent.has(event.node)) {
        this.#untold.add(event.node);
        return null;
      }
    }
    return eventLine(event);
  }
}

function eventLine(event: RunEvent): EventLine | null {
  switch (event.type) {
    case "run.started":
      return plain(`run ${event.runId}, seed ${event.seed}`);
    case "stage.started":
      return { weight: "quiet", text: `${event.stage}: at most ${formatDuration(event.deadlineMs)}` };
    case "stage.ended": {
      const weight = event.outcome === "done" ? "plain" : event.outcome === "late" ? "warning" : "bad";
      return { weight, text: `${event.stage}: ${event.outcome} after ${formatDuration(Math.round(event.ms))}` };
    }
    case "task.progress":
      return { weight: "quiet", text: `${event.task}: ${event.text}` };
    case "task.note":
      return plain(`${event.task}: ${event.text}`);
    case "task.ended":
      return {
        weight: event.outcome === "failed" ? "bad" : "plain",
        text: `task ${event.task} ${event.outcome}: ${event.why}`,
      };
    case "node.started":
      if (event.by === "foreign") return plain(`${event.node} is up (${startedAs(event)})`);
      return event.by === "run" ? null : plain(`${event.node} started again (${startedAs(event)})`);
    case "node.ended":
      if (event.expected) return plain(`${event.node} ended: ${event.why}`);
      return { weight: "bad", text: `${event.node} ended unexpectedly: ${event.why}` };
    case "node.reachable":
      if (event.reachable) return plain(`${event.node} answers again`);
      return { weight: "warning", text: `${event.node} doesn't answer: ${event.why}` };
    case "window.opened":
      return plain(`the judged window opens at slot ${event.slot}, height ${event.height}`);
    case "window.closed":
      return plain(`the judged window closes at slot ${event.slot}, height ${event.height}`);
    case "tx.refused":
      return event.final
        ? { weight: "warning", text: `transaction ${short(event.tx)} refused: ${event.reason}` }
        : null;
    case "inscription.failed":
      return { weight: "warning", text: `inscription on channel ${short(event.channel)} failed: ${event.why}` };
    case "blob.failed":
      return { weight: "warning", text: `blob ${event.n} failed: ${event.why}` };
    case "blob.read":
      return event.ok ? null : { weight: "bad", text: `blob ${short(event.blob)} can't be read back: ${event.why}` };
    case "fault.skipped":
      return { weight: "quiet", text: `fault ${event.fault} not started: ${event.why}` };
    case "fault.started":
      return plain(`fault ${event.fault}: ${event.kind} ${event.target}`);
    case "fault.effective":
      return plain(`fault ${event.fault} took effect: ${event.seen}`);
    case "fault.ineffective":
      return { weight: "warning", text: `fault ${event.fault} took no effect: ${event.seen}` };
    case "fault.healed":
      return { weight: "good", text: `fault ${event.fault} healed: ${event.seen}` };
    case "fault.unhealed":
      return { weight: "bad", text: `fault ${event.fault} not healed: ${event.seen}` };
    case "workload.ended": {
      const why = event.why === "" ? "" : `: ${event.why}`;
      return { weight: event.outcome === "failed" ? "bad" : "plain", text: `${event.workload} ${event.outcome}${why}` };
    }
    case "expectation.judged": {
      const weight = event.outcome === "passed" ? "good" : event.outcome === "failed" ? "bad" : "warning";
      return { weight, text: `${event.expectation} ${event.outcome}: ${event.summary}` };
    }
    case "warning":
      return { weight: "warning", text: `warning: ${event.text}` };
    case "error": {
      const hint = event.hint === null ? "" : ` (${event.hint})`;
      return { weight: "bad", text: `error ${event.code} in ${event.stage}: ${event.message}${hint}` };
    }
    default:
      return null;
  }
}

/** Which start it is, and its process where there is one. */
function startedAs({ start, handle }: EventData<"node.started">): string {
  return [...new Set([`start ${start}`, handle])].join(", ");
}

/** The first digits of an id: enough to find it in the events. */
function short(id: string): string {
  return id.slice(0, 12);
}

function plain(text: string): EventLine {
  return { weight: "plain", text };
}
