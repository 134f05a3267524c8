/**
 * What a backend and a node kind can do to a node or a link. A fault is possible when both sides list it; the matrix is
 * decided when the plan is resolved, never in mid-run.
 */
export const CAPABILITIES = [
  /** SIGTERM, 5 s, SIGKILL, start again with the same files and addresses. */
  "node.restart",
  /** Stop now, start later. */
  "node.stop",
  /** SIGKILL. */
  "node.kill",
  /** Freeze and thaw all threads. */
  "node.pause",
  /** Delete the state on disk while the node is stopped. */
  "disk.wipe",
  /** Start a planned node in mid-run. */
  "node.join",
  "link.partition",
  "link.delay",
  "link.loss",
  "clock.offset",
] as const;

export type Capability = (typeof CAPABILITIES)[number];
