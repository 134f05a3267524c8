import { BUILT_IN_EXPECTATIONS } from "../../lib/expectations/built-in.ts";
import { CAPABILITIES } from "../../lib/model/capability.ts";
import type { NodeKind } from "../../lib/model/node-kind.ts";
import type { Registry } from "../../lib/model/registry.ts";
import { referenceKind } from "../../lib/nodes/reference/kind.ts";
import { BUILT_IN_TASKS } from "../../lib/tasks/built-in.ts";
import { BUILT_IN_WORKLOADS } from "../../lib/workloads/built-in.ts";

/** A node kind as somebody else might bring it: whole seconds only, ids that can't be predicted, no restarts. */
const strictKind: NodeKind = {
  ...referenceKind,
  name: "strict",
  slotStepMs: 1_000,
  predictableMessageIds: false,
  capabilities: CAPABILITIES.filter((capability) => capability !== "node.restart"),
};

/** The product's own pieces, beside a backend that can do nothing and a node kind with needs. */
export const registry: Registry = {
  nodeKinds: new Map([referenceKind, strictKind].map((kind) => [kind.name, kind])),
  deployers: new Map([
    ["local", { name: "local", capabilities: () => ["node.restart", "node.stop", "node.kill"], needsNodes: [] }],
    ["rigid", { name: "rigid", capabilities: () => [], needsNodes: [] }],
  ]),
  workloads: BUILT_IN_WORKLOADS,
  expectations: BUILT_IN_EXPECTATIONS,
  tasks: BUILT_IN_TASKS,
};
