import { CAPABILITIES, type Capability } from "../../model/capability.ts";

/** What this backend can do to nodes that are containers: everything. Clocks are the node's own doing. */
export const COMPOSE_CAPABILITIES: readonly Capability[] = CAPABILITIES;
