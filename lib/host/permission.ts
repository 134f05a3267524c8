import { CodedError } from "../core/errors.ts";

/** What Deno throws where its command line doesn't allow what is asked of it. */
const NOT_CAPABLE = "NotCapable";

/** Deno's refusal with the flag that it lacks; undefined for any other error. */
export function permissionError(thrown: unknown): CodedError | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error.name !== NOT_CAPABLE) continue;
    const [flag = "-A"] = /--allow-[a-z-]+/.exec(error.message) ?? [];
    const [wanted = ""] = error.message.split(", run again with");
    return new CodedError("NR-HOST-PERMISSION", `Deno doesn't allow what this needs: ${wanted}`, {
      hint: `Run it with ${flag}, or with -A: a run needs all of them.`,
      cause: thrown,
    });
  }
  return undefined;
}
