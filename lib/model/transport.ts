/** One HTTP exchange with a node. */
export interface NodeRequest {
  /** Which of the node's two servers. */
  readonly server: "api" | "testing";
  readonly method: "GET" | "POST";
  /** Path and query. */
  readonly path: string;
  /** JSON text, as such or in UTF-8. */
  readonly body?: string | Uint8Array | undefined;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface NodeResponse {
  readonly status: number;
  readonly text: string;
}

/** Carries requests to one node: sockets for processes and containers, calls in one process for simulation. */
export interface Transport {
  /** @throws CodedError NR-NODE-UNREACHABLE or NR-NODE-TIMEOUT when there is no answer. */
  request(request: NodeRequest): Promise<NodeResponse>;
  close(): Promise<void>;
}
