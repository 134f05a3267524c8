import process from "node:process";
import { CodedError, errorText } from "../core/errors.ts";
import { renderError } from "../report/error-text.ts";
import { type EndSignal, SIGNAL_EXIT } from "./exit-codes.ts";
import type { World } from "./world.ts";

/** The signals that a person or a supervisor ends the program with. */
export interface Interrupts {
  /**
   * Aborts on the first, with NR-CORE-INTERRUPTED as reason: end in order. An error that nobody caught aborts it too, and
   * is the reason then.
   */
  readonly first: AbortSignal;
  /** Aborts on the second: end at once. */
  readonly second: AbortSignal;
  /** The first signal that came. */
  readonly signal: EndSignal | null;
  /** Leaves the signals to their defaults again. */
  release(): void;
}

/** Listens for signals. `onFirst` is told at once, so that the person sees that the key was heard. */
export function listenForInterrupts(world: World, onFirst: (signal: EndSignal) => void): Interrupts {
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
  const giveBackUncaught = world.onUncaught((error) => {
    if (first.signal.aborted) world.errors.write(renderError(error, { debug: true }));
    const message = `an error that nobody caught: ${errorText(error)}`;
    first.abort(new CodedError("NR-CORE-INTERNAL", message, { cause: error }));
  });
  return {
    first: first.signal,
    second: second.signal,
    get signal() {
      return signal;
    },
    release() {
      giveBackUncaught();
      for (const { name, listener } of listeners) process.off(name, listener);
    },
  };
}
