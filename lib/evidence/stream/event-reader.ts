import * as v from "valibot";
import { CodedError } from "../../core/errors.ts";
import { EVENT_SCHEMAS, type EventOf, type EventType, type RunEvent } from "../../model/events.ts";
import { EVENT_FORMS, type EventForm } from "./event-check.ts";

/** What a line has beside its type's own fields. */
interface Envelope {
  readonly v?: unknown;
  readonly seq?: unknown;
  readonly t?: unknown;
  readonly type?: unknown;
}

/**
 * Reads the lines of a recorded stream back, and holds each to what the recorder promises: an event by its schema, numbers
 * without a gap, time that never goes back, `run.ended` as the last line and nowhere else.
 */
export class EventReader {
  readonly #at: string;
  readonly #events: RunEvent[] = [];
  readonly #texts = new Map<string, string>();
  #lastT = Number.NEGATIVE_INFINITY;
  #end: EventOf<"run.ended"> | undefined;

  /** @param at the file, for messages */
  constructor(at: string) {
    this.#at = at;
  }

  /**
   * Takes the next lines, without their newlines.
   * @throws CodedError NR-EVIDENCE-LINE, NR-EVIDENCE-ORDER, NR-EVIDENCE-ALTERED, each with the line's number
   */
  take(lines: readonly string[]): void {
    for (const line of lines) this.#events.push(this.#read(line));
  }

  /**
   * All events, once every line was taken, and the last of them.
   * @param rest what follows the last newline: nothing, in a stream that is whole
   * @throws CodedError NR-EVIDENCE-CUT
   */
  end(rest: string): { readonly events: readonly RunEvent[]; readonly ended: EventOf<"run.ended"> } {
    if (rest !== "") throw this.#cut(`line ${this.#events.length + 1} is unfinished`);
    if (this.#end === undefined) {
      const last = this.#events.at(-1);
      throw this.#cut(
        last ? `line ${this.#events.length}, the last, is ${last.type} and not run.ended` : "it has no line",
      );
    }
    return { events: this.#events, ended: this.#end };
  }

  #read(line: string): RunEvent {
    const number = this.#events.length + 1;
    if (this.#end !== undefined) {
      throw new CodedError("NR-EVIDENCE-ALTERED", `line ${number} follows run.ended, which is the last of a run`, {
        at: this.#at,
        hint: RESTORE,
      });
    }
    const event = this.#parse(line, number);
    if (event.seq !== number - 1) {
      const message = `line ${number} has the sequence number ${JSON.stringify(event.seq)}, and ${number - 1} was expected`;
      throw new CodedError("NR-EVIDENCE-ORDER", message, { at: this.#at, hint: RESTORE });
    }
    if (event.t < this.#lastT) {
      const message = `line ${number} is of ${event.t} ms, and the line before it of ${this.#lastT} ms`;
      throw new CodedError("NR-EVIDENCE-ORDER", message, { at: this.#at, hint: RESTORE });
    }
    this.#lastT = event.t;
    if (event.type === "run.ended") this.#end = event;
    return event;
  }

  #parse(line: string, number: number): RunEvent {
    let value: Envelope | null;
    try {
      value = JSON.parse(line) as Envelope | null;
    } catch (thrown) {
      if (!(thrown instanceof SyntaxError)) throw thrown;
      throw this.#malformed(number, "it is not JSON");
    }
    if (typeof value !== "object" || value === null) throw this.#malformed(number, "it is no JSON object");
    if (value.v !== 1) throw this.#malformed(number, `its version v is ${JSON.stringify(value.v)}, not 1`);
    if (typeof value.t !== "number") throw this.#malformed(number, "its time t is no number");
    const form = EVENT_FORMS.get(value.type as string);
    if (!form) throw this.#malformed(number, `there is no event type ${JSON.stringify(value.type)}`);
    if (!form.check(value)) throw this.#malformed(number, whatIsWrong(form.type, value));
    this.#share(value as Record<string, unknown>, form);
    return value as RunEvent;
  }

  /** Names and ids come back in many events: one text for all of them takes a third less memory, and compares faster. */
  #share(event: Record<string, unknown>, { type, names }: EventForm): void {
    event["type"] = type;
    for (const name of names) event[name] = this.#shared(event[name] as string);
    if (type === "block.seen") event["txs"] = (event["txs"] as string[]).map((tx) => this.#shared(tx));
  }

  #shared(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }

  #malformed(number: number, why: string): CodedError {
    return new CodedError("NR-EVIDENCE-LINE", `line ${number} is no event: ${why}`, { at: this.#at, hint: RESTORE });
  }

  #cut(why: string): CodedError {
    return new CodedError("NR-EVIDENCE-CUT", `the event stream is cut off: ${why}`, {
      at: this.#at,
      hint: "The run or the copy of its folder did not come to its end: only a whole stream can be judged.",
    });
  }
}

function whatIsWrong(type: EventType, value: unknown): string {
  const [issue] = v.safeParse(EVENT_SCHEMAS[type], value, { abortEarly: true }).issues ?? [];
  if (!issue) return `it is no ${type}`;
  return `${v.getDotPath(issue) ?? "it"} of ${type} is ${issue.received}, not ${issue.expected}`;
}

/** What to do about a stream that is not as its run wrote it. */
export const RESTORE = "Use the file as the run wrote it; what was changed afterwards proves nothing.";
