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
  /** Cut all links between groups of nodes, both ways or one. */
  "link.partition",
  /** Hold back what is sent over a link, with jitter. */
  "link.delay",
  /** Drop a share of what is sent over a link. */
  "link.loss",
  /** Limit how much is sent over a link in a second. */
  "link.bandwidth",
  /** Set a node's clock ahead or behind. */
  "clock.offset",
] as const;

/** Faults that nodes which can apply them to themselves need no backend for. */
export const NODE_CONDITIONS = ["link.partition", "link.delay", "link.loss", "clock.offset"] as const;

export type Capability = (typeof CAPABILITIES)[number];
