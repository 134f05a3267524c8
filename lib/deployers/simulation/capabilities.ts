import { CAPABILITIES, type Capability } from "../../model/capability.ts";

/** What this backend can do to simulated nodes and links: everything. */
export const SIMULATION_CAPABILITIES: readonly Capability[] = CAPABILITIES;
