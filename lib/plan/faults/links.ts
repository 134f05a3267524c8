import type { LinkCondition } from "../../model/cluster.ts";
import type { PlannedNode } from "../../model/plan.ts";
import type { PlannedFaultOptions } from "../chaos-options.ts";

/** A fault that is imposed on links. */
export type LinkFaultOptions = Extract<PlannedFaultOptions, { kind: "partition" | "delay" | "loss" | "bandwidth" }>;

/** Whether a fault is one of links. */
export function isOfLinks(options: PlannedFaultOptions | undefined): options is LinkFaultOptions {
  return options !== undefined && ["partition", "delay", "loss", "bandwidth"].includes(options.kind);
}

type Named = Pick<PlannedNode, "name">;

/** The sides of a partition by name, those without a node left out. */
export function sidesOf(
  options: Extract<PlannedFaultOptions, { kind: "partition" }>,
  targets: readonly string[],
  nodes: readonly Named[],
): readonly (readonly string[])[] {
  const named = options.groups ?? [targets];
  const rest = nodes.map(({ name }) => name).filter((name) => !named.some((group) => group.includes(name)));
  return [...named, rest].filter((side) => side.length > 0);
}

/** What a fault does to links: each direction once. */
export function conditionsOfFault(
  options: LinkFaultOptions,
  targets: readonly string[],
  nodes: readonly Named[],
): readonly LinkCondition[] {
  const conditions = new Map<string, LinkCondition>();
  const add = (from: string, to: string, what: Omit<LinkCondition, "from" | "to">) => {
    if (from !== to) conditions.set(`${from}>${to}`, { from, to, ...what });
  };
  if (options.kind === "partition") {
    const sides = sidesOf(options, targets, nodes);
    const lost = { delayMs: 0, jitterMs: 0, loss: 1 };
    for (const [i, side] of sides.entries()) {
      if (options.oneWay && i > 0) break;
      const others = sides.filter((other) => other !== side).flat();
      for (const from of side) for (const to of others) add(from, to, lost);
    }
    return [...conditions.values()];
  }
  const what = whatItDoes(options);
  const pairs = options.links ?? targets.flatMap((one) => nodes.map(({ name }) => [one, name] as const));
  for (const [from, to] of pairs) {
    add(from, to, what);
    if (!options.oneWay) add(to, from, what);
  }
  return [...conditions.values()];
}

function whatItDoes(options: Exclude<LinkFaultOptions, { kind: "partition" }>): Omit<LinkCondition, "from" | "to"> {
  const clear = { delayMs: 0, jitterMs: 0, loss: 0 };
  switch (options.kind) {
    case "delay":
      return { ...clear, delayMs: options.delayMs, jitterMs: options.jitterMs };
    case "loss":
      return { ...clear, loss: options.loss };
    case "bandwidth":
      return { ...clear, bandwidthKbit: options.rateKbit };
  }
}

/** Conditions of several faults that hold at once: delays add up, what one lets through another may lose, and the narrowest line counts. */
export function combined(faults: Iterable<readonly LinkCondition[]>): readonly LinkCondition[] {
  const table = new Map<string, LinkCondition>();
  for (const condition of [...faults].flat()) {
    const key = `${condition.from}>${condition.to}`;
    const before = table.get(key);
    table.set(
      key,
      before
        ? {
            ...condition,
            delayMs: before.delayMs + condition.delayMs,
            jitterMs: before.jitterMs + condition.jitterMs,
            loss: 1 - (1 - before.loss) * (1 - condition.loss),
            ...narrower(before, condition),
          }
        : condition,
    );
  }
  return [...table.values()];
}

function narrower(...conditions: readonly LinkCondition[]): Pick<LinkCondition, "bandwidthKbit"> {
  const rates = conditions.flatMap(({ bandwidthKbit }) => (bandwidthKbit === undefined ? [] : [bandwidthKbit]));
  return rates.length === 0 ? {} : { bandwidthKbit: Math.min(...rates) };
}

/** Nodes that still reach one another over the layout's links, in any number of hops, when messages one way or the other are lost. */
export function connectedGroups<N extends Pick<PlannedNode, "name" | "neighbours">>(
  nodes: readonly N[],
  conditions: readonly LinkCondition[],
): readonly (readonly N[])[] {
  const cut = new Set(conditions.filter(({ loss }) => loss === 1).map(({ from, to }) => `${from}>${to}`));
  const left = new Map(nodes.map((node) => [node.name, node]));
  const groups: N[][] = [];
  for (const first of nodes) {
    const group: N[] = [];
    const open = [first.name];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const node = left.get(name);
      if (!node) continue;
      left.delete(name);
      group.push(node);
      open.push(...node.neighbours.filter((peer) => !cut.has(`${name}>${peer}`) && !cut.has(`${peer}>${name}`)));
    }
    if (group.length > 0) groups.push(group);
  }
  return groups;
}
