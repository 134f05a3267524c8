import type { Message, Output, PersistRecord, Refusal } from "./types.ts";

/** Collects what a step wants done, in order. */
export class Outbox {
  #outputs: Output[] = [];

  persist(record: PersistRecord): void {
    this.#outputs.push({ type: "persist", record });
  }

  send(to: string, message: Message): void {
    this.#outputs.push({ type: "send", to, message });
  }

  submitted(call: number, refusal: Refusal | null): void {
    this.#outputs.push({ type: "submitted", call, refusal });
  }

  dispersed(call: number, result: { readonly blob: string } | { readonly refusal: Refusal }): void {
    this.#outputs.push({ type: "dispersed", call, result });
  }

  log(level: "INFO" | "WARN" | "ERROR" | "DEBUG", target: string, text: string): void {
    this.#outputs.push({ type: "log", level, target, text });
  }

  /** Everything since the last call. */
  take(): readonly Output[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}
