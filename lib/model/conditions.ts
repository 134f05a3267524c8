import { CodedError } from "../core/errors.ts";
import type { LinkCondition } from "./cluster.ts";

/** What faults impose on one node, as its node kind renders and applies it. */
export interface NodeConditions {
  /** Conditions of what it sends, by peer; peers that aren't named have clear links. */
  readonly links: Readonly<Record<string, SentUnder>>;
  /** Added to the node's clock. */
  readonly clockOffsetMs: number;
}

/** What is done to everything that a node sends one peer. */
export interface SentUnder extends Pick<LinkCondition, "delayMs" | "jitterMs" | "loss"> {
  /** There is no connection between the two, whoever dials. */
  readonly blocked: boolean;
}

/** No fault holds. */
export const CLEAR_CONDITIONS: NodeConditions = { links: {}, clockOffsetMs: 0 };

/** One node's share of the network's conditions. A link with a loss of 1 both ways is blocked. */
export function conditionsOf(node: string, links: readonly LinkCondition[], clockOffsetMs: number): NodeConditions {
  const cut = new Set(links.filter(({ loss }) => loss === 1).map(({ from, to }) => `${from}>${to}`));
  const own = links.filter(({ from }) => from === node);
  return {
    links: Object.fromEntries(
      own.map(({ to, delayMs, jitterMs, loss }) => {
        const blocked = cut.has(`${node}>${to}`) && cut.has(`${to}>${node}`);
        return [to, { delayMs, jitterMs, loss, blocked }];
      }),
    ),
    clockOffsetMs,
  };
}

/** Where nodes alone impose conditions, their lines can't be narrowed. @throws CodedError NR-NODE-STATE */
export function refuseNarrowLinks(links: readonly LinkCondition[]): void {
  const narrow = links.find(({ bandwidthKbit }) => bandwidthKbit !== undefined);
  if (!narrow) return;
  const { from, to, bandwidthKbit } = narrow;
  throw new CodedError(
    "NR-NODE-STATE",
    `can't let ${from} send ${to} ${bandwidthKbit} kbit/s only: this backend has no means for that`,
    {
      hint: "Use --deployer compose, and name link.bandwidth among the needs of your workload.",
    },
  );
}
