import { CodedError } from "../../core/errors.ts";
import type { NodeClient } from "../../model/node-client.ts";

/** The same client, whose calls that change the network are refused unless they are allowed. */
export function attachedClient(client: NodeClient, node: string, allowWrites: boolean): NodeClient {
  const { impose: _, ...reading } = client;
  if (allowWrites) return reading;
  const refuse = (what: string) => async (): Promise<never> => {
    throw new CodedError("NR-ATTACH-READ-ONLY", `${what} to ${node} was not sent: this run may only read`, {
      hint: "Give --allow-writes when the network may be written to.",
    });
  };
  return { ...reading, submit: refuse("a transaction"), disperse: refuse("a blob") };
}
