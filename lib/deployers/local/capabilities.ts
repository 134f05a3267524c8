import type { Capability } from "../../model/capability.ts";

/** What this backend can do to nodes that are processes of this machine. */
export const LOCAL_CAPABILITIES: readonly Capability[] = ["node.restart", "node.stop", "node.kill"];
