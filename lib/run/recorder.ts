import type { Clock } from "../core/clock.ts";
import { CodedError, errorText } from "../core/errors.ts";
import type { StreamDigest } from "../host/stream-digest.ts";
import type { EventData, EventSink, EventType, RunEvent } from "../model/events.ts";

/** Where the stream's lines go. `append` throws a coded error when the disk doesn't take it. */
export interface LineWriter {
  append(line: string): void;
  /** Resolves when all lines are with the operating system. */
  close(): Promise<void>;
}

/**
 * The run's one event stream: stamps, keeps, writes and passes on. An event that can't be written doesn't stop the
 * caller; `failed` aborts with the cause instead, and the run ends in an error.
 */
export class Recorder implements EventSink {
  readonly #clock: Clock;
  readonly #writer: LineWriter;
  readonly #digest: StreamDigest;
  readonly #listeners: readonly ((event: RunEvent) => void)[];
  readonly #failure = new AbortController();
  readonly #redact: <T>(value: T) => T;
  readonly #events: RunEvent[] = [];

  constructor(options: {
    clock: Clock;
    writer: LineWriter;
    digest: StreamDigest;
    /** Takes secrets out of events; there are none by default. */
    redact?: <T>(value: T) => T;
    listeners: readonly ((event: RunEvent) => void)[];
  }) {
    this.#clock = options.clock;
    this.#writer = options.writer;
    this.#digest = options.digest;
    this.#redact = options.redact ?? ((value) => value);
    this.#listeners = options.listeners;
  }

  /** Aborts, with a coded error as reason, when the stream can't be written any more. */
  get failed(): AbortSignal {
    return this.#failure.signal;
  }

  get events(): readonly RunEvent[] {
    return this.#events;
  }

  emit<T extends EventType>(type: T, data: EventData<T>): void {
    const t = Math.round(this.#clock.now() * 1_000) / 1_000;
    const event = this.#redact({ v: 1, seq: this.#events.length, t, type, ...data }) as unknown as RunEvent;
    this.#events.push(event);
    this.#write(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** Writes the last line, which seals the stream. @returns what run.json repeats */
  async seal(): Promise<EventData<"run.ended">> {
    const sealed = this.#digest.sealed();
    this.emit("run.ended", sealed);
    try {
      await this.#writer.close();
    } catch (thrown) {
      this.#fail(thrown);
    }
    return sealed;
  }

  #write(event: RunEvent): void {
    if (this.#failure.signal.aborted) return;
    const line = `${JSON.stringify(event)}\n`;
    this.#digest.update(line);
    try {
      this.#writer.append(line);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #fail(thrown: unknown): void {
    const error =
      thrown instanceof CodedError
        ? thrown
        : new CodedError("NR-RUN-RECORD", `the event stream can't be written: ${errorText(thrown)}`, { cause: thrown });
    this.#failure.abort(error);
  }
}
