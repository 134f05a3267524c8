import type { Server } from "node:net";
import { CodedError, errorText, systemCode } from "../../core/errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another process listens there",
  EADDRNOTAVAIL: "this machine has no such address",
  EACCES: "this user may not listen there",
};

/**
 * Listens and waits until it does.
 * @param what what is served there, for the message
 * @throws CodedError NR-NODE-PORT naming address and port.
 */
export function listen(server: Server, host: string, port: number, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => {
      const reason = REASONS[systemCode(error) ?? ""] ?? errorText(error);
      reject(
        new CodedError("NR-NODE-PORT", `can't listen at ${host}:${port} (${what}): ${reason}`, {
          hint: "Free that address, or give the node another one.",
          cause: error,
        }),
      );
    };
    server.once("error", failed);
    server.listen({ host, port }, () => {
      server.off("error", failed);
      resolve();
    });
  });
}
