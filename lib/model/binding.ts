import * as v from "valibot";
import { must } from "../core/errors.ts";

const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));

/** Where one node is reached. The same over every restart. */
const boundNodeSchema = v.object({
  name: v.string(),
  /** IP literal: nodes' configurations can't hold names. */
  host: v.string(),
  apiPort: port,
  testingPort: port,
  /** Port of the peer transport. */
  peerPort: port,
  /** Where the runner reaches its two servers, if that isn't where other nodes would; it then listens on all addresses. */
  reach: v.optional(v.object({ host: v.string(), apiPort: port, testingPort: port })),
});
export type BoundNode = v.InferOutput<typeof boundNodeSchema>;

/** What this run got from its backend, before anything is rendered. */
export const BindingSchema = v.object({
  runId: v.string(),
  /** Wall time of slot 0 in ms since 1970: reserve + 1 s. */
  chainStartMs: v.number(),
  nodes: v.array(boundNodeSchema),
});
export type Binding = v.InferOutput<typeof BindingSchema>;

/** The bound place of this node. */
export function boundNode(binding: Binding, name: string): BoundNode {
  return must(
    binding.nodes.find((node) => node.name === name),
    `the address of ${name}`,
  );
}
