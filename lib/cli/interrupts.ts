import process from "node:process";
import { CodedError } from "../core/errors.ts";
import { type EndSignal, SIGNAL_EXIT } from "./exit-codes.ts";

/** The signals that a person or a supervisor ends the program with. */
export interface Interrupts {
  /** Aborts on the first: end in order. */
  readonly first: AbortSignal;
  /** Aborts on the second: end at once. */
  readonly second: AbortSignal;
  /** The first signal that came. */
  readonly signal: EndSignal | null;
  /** Leaves the signals to their defaults again. */
  release(): void;
}

/** Listens for signals. `onFirst` is told at once, so that the person sees that the key was heard. */
export function listenForInterrupts(onFirst: (signal: EndSignal) => void): Interrupts {
  const first = new AbortController();
  const second = new AbortController();
  let signal: EndSignal | null = null;
  const listeners = (Object.keys(SIGNAL_EXIT) as EndSignal[]).map((name) => {
    const listener = () => {
      if (signal) {
        second.abort(new CodedError("NR-CORE-INTERRUPTED", `cut short by a second signal, ${name}`));
        return;
      }
      signal = name;
      first.abort(new CodedError("NR-CORE-INTERRUPTED", `interrupted by ${name}`));
      onFirst(name);
    };
    process.on(name, listener);
    return { name, listener };
  });
  return {
    first: first.signal,
    second: second.signal,
    get signal() {
      return signal;
    },
    release() {
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}
