import { CAPABILITIES, type Capability } from "../../model/capability.ts";

/** What this backend can do to simulated nodes and links: everything but narrow lines, as messages have no length there. */
export const SIMULATION_CAPABILITIES: readonly Capability[] = CAPABILITIES.filter(
  (capability) => capability !== "link.bandwidth",
);
