import type { ErrorCode } from "../../core/error-codes.ts";
import { CodedError, errorText, systemCode } from "../../core/errors.ts";
import type { EngineAddress } from "./address.ts";

/** What an engine says when it refuses, and what that is for us. */
const REFUSALS: readonly { readonly says: RegExp; readonly code: ErrorCode; readonly hint: string }[] = [
  {
    says: /no space left on device|disk quota exceeded/i,
    code: "NR-DOCKER-DISK-FULL",
    hint: "Free space where the engine keeps its data: docker system df shows what takes it, docker system prune frees some.",
  },
  {
    says: /port is already allocated|address already in use|ports are not available/i,
    code: "NR-DOCKER-PORT",
    hint: "End the program or container that has the port; docker ps shows those of containers.",
  },
  {
    says: /pool overlaps|non-overlapping/i,
    code: "NR-DOCKER-SUBNET",
    hint: "Remove networks that nobody needs: nomos-run clean, or docker network prune.",
  },
  {
    says: /no such image|manifest unknown|pull access denied/i,
    code: "NR-DOCKER-IMAGE",
    hint: "Build or load the image into this engine first; nomos-run task build-image makes that of the embedded node.",
  },
];

/** Status code of an engine's answer that was an error; undefined when there was no answer. */
export function statusOf(thrown: unknown): number | undefined {
  const status = thrown instanceof Error ? (thrown as { statusCode?: unknown }).statusCode : undefined;
  return typeof status === "number" ? status : undefined;
}

/**
 * What went wrong between us and the engine, as an error that says what to do.
 * @param what what was to be done, as it reads after "can't"
 */
export function engineError(what: string, address: EngineAddress, thrown: unknown): CodedError {
  if (thrown instanceof CodedError) return thrown;
  // A fault of ours, and nothing that the engine did.
  if (thrown instanceof TypeError || thrown instanceof ReferenceError) throw thrown;
  const status = statusOf(thrown);
  if (status === undefined) return unreachable(address, thrown);
  const says = engineText(thrown);
  const known = REFUSALS.find((refusal) => refusal.says.test(says));
  return new CodedError(known?.code ?? "NR-DOCKER-REFUSED", `can't ${what}: ${says} (HTTP ${status})`, {
    hint: known?.hint ?? "The engine's own log has more: journalctl -u docker.",
    cause: thrown,
  });
}

/** The engine's own words. */
function engineText(thrown: unknown): string {
  const { json, reason } = thrown as { json?: { message?: unknown } | null; reason?: unknown };
  if (typeof json?.message === "string") return json.message;
  // Where the answer would have been a stream, the library has put them into its own message.
  const [, said] = /^\(HTTP code \d+\) [^-]* - (.+?)\s*$/s.exec(errorText(thrown)) ?? [];
  if (said !== undefined) return said;
  return typeof reason === "string" ? reason : errorText(thrown);
}

function unreachable({ url, from }: EngineAddress, thrown: unknown): CodedError {
  const code = systemCode(thrown);
  if (code === "EACCES" || code === "EPERM") {
    return new CodedError("NR-DOCKER-RIGHTS", `this user may not use the Docker Engine at ${url}`, {
      hint: "Add the user to the group docker (sudo usermod -aG docker $USER) and log in again.",
      cause: thrown,
    });
  }
  const why = code === "ENOENT" ? "there is no such socket" : errorText(thrown);
  return new CodedError("NR-DOCKER-ABSENT", `no Docker Engine answers at ${url} (from ${from}): ${why}`, {
    hint: "Start it, or say where it is with DOCKER_HOST or DOCKER_CONTEXT; nomos-run doctor looks too.",
    cause: thrown,
  });
}
