import { CAPABILITIES, type Capability } from "../../model/capability.ts";

/**
 * What this backend can do to nodes that are processes of this machine: everything. Links and clocks are the node's own
 * doing here, so what a node kind can't do it can't do on this backend.
 */
export const LOCAL_CAPABILITIES: readonly Capability[] = CAPABILITIES;
