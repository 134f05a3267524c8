/** What a program's own loader hooks threw, so that it is known again: Deno throws another error with the same words. */
export interface HookErrors {
  /** Runs a hook. */
  during<T>(hook: () => T): T;
  /** The error that a hook threw, when `error` passes it on, or `error` itself. */
  original(error: unknown): unknown;
}

export function hookErrors(): HookErrors {
  const thrown = new Set<Error>();
  return {
    during(hook) {
      try {
        return hook();
      } catch (error) {
        if (error instanceof Error && error.message !== "") thrown.add(error);
        throw error;
      }
    },
    original(error) {
      if (!(error instanceof Error) || thrown.has(error)) return error;
      return [...thrown].findLast(({ message }) => error.message.includes(message)) ?? error;
    },
  };
}
