import { CodedError } from "../../core/errors.ts";
import { withDeadline } from "../../core/wait.ts";
import type { Dispatch } from "../../devnet/shell/http/dispatch.ts";
import type { NodeRequest, NodeResponse, Transport } from "../../model/transport.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Time that a request is under way, which is what one takes on a loopback interface with its answer, in ms. */
const CALL_MS = 2;

/** The servers of one life of a simulated node. */
export interface SimulatedServers {
  /** What answers on a port by now; null while nobody listens. */
  dispatch(server: NodeRequest["server"]): Dispatch | null;
  /** Resolves when the node isn't paused. */
  awake(signal: AbortSignal): Promise<void>;
  onAnswered(status: number): void;
  /** Aborts when the node ends. */
  readonly died: AbortSignal;
}

/** Carries requests to a node in this process: the same routes, codecs and refusals as over sockets, in virtual time. */
export function createCallTransport(node: string, servers: SimulatedServers, clock: VirtualClock): Transport {
  return {
    async request({ server, method, path, body, timeoutMs, signal }: NodeRequest): Promise<NodeResponse> {
      const options = {
        clock,
        what: `${method} to ${node}${path}`,
        timeoutMs,
        signal: signal ? AbortSignal.any([signal, servers.died]) : servers.died,
        code: "NR-NODE-TIMEOUT",
      } as const;
      return withDeadline(options, async (inner) => {
        await clock.sleep(CALL_MS, inner);
        await servers.awake(inner);
        const dispatch = servers.dispatch(server);
        if (!dispatch) {
          throw new CodedError("NR-NODE-UNREACHABLE", `can't reach ${node}${path}: nobody listens yet`, {
            hint: "The node is still starting.",
          });
        }
        const contentType = body === undefined ? undefined : "application/json";
        const answer = dispatch.answer({
          method,
          target: path,
          contentType,
          body: typeof body === "object" ? new TextDecoder().decode(body) : (body ?? ""),
        });
        const { status, body: answered } = await orAbort(answer, inner);
        servers.onAnswered(status);
        return { status, text: typeof answered === "string" ? answered : await joined(answered) };
      });
    },
    close: async () => undefined,
  };
}

/** Settles as the work does, or rejects with the signal's reason when that aborts first. */
async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const aborted = () => reject(signal.reason);
  signal.addEventListener("abort", aborted, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", aborted);
  }
}

async function joined(lines: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const line of lines) text += line;
  return text;
}
