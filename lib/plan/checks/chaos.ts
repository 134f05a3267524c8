import { formatDuration } from "../../core/duration.ts";
import type { ChaosOptions, RandomRestarts } from "../chaos-options.ts";
import { figure } from "../figure.ts";
import type { Finding } from "../problem.ts";
import type { RosterEntry } from "../topology.ts";
import { checkFault } from "./faults.ts";

/**
 * Nodes that restarts may hit: of the groups that are included, and such that more than half of the stake stays up
 * without them. A single validator is never one.
 */
export function chaosTargets(restart: RandomRestarts, nodes: readonly RosterEntry[]): RosterEntry[] {
  const total = nodes.reduce((sum, node) => sum + node.stake, 0);
  const validators = nodes.filter((node) => node.role === "validator").length;
  return nodes.filter((node) => {
    const included = node.role === "validator" ? restart.includeValidators && validators > 1 : restart.includeExecutors;
    return included && 2 * (total - node.stake) > total;
  });
}

/** Whether faults have targets and times that go together. */
export function checkChaos(path: string, options: ChaosOptions, nodes: readonly RosterEntry[]): Finding[] {
  const { restart, faults, maxUnavailable } = options;
  return [
    ...(restart
      ? [...checkDelays(`${path}.options.restart`, restart), ...checkTargets(`${path}.options.restart`, restart, nodes)]
      : []),
    ...faults.flatMap((fault, i) => checkFault(`${path}.options.faults.${i}`, fault, nodes, maxUnavailable)),
  ];
}

function checkDelays(path: string, restart: RandomRestarts): Finding[] {
  const { minDelayMs, maxDelayMs, targetCooldownMs } = restart;
  const findings: Finding[] = [];
  if (minDelayMs > maxDelayMs) {
    findings.push({
      code: "NR-PLAN-DELAYS",
      path: `${path}.minDelayMs`,
      message: `minDelay ${formatDuration(minDelayMs)} is longer than maxDelay ${formatDuration(maxDelayMs)}`,
      hint: `Use a minDelay of at most ${formatDuration(maxDelayMs)}, or a maxDelay of at least ${formatDuration(minDelayMs)}.`,
    });
  }
  if (targetCooldownMs < minDelayMs) {
    findings.push({
      code: "NR-PLAN-DELAYS",
      path: `${path}.targetCooldownMs`,
      message: `targetCooldown ${formatDuration(targetCooldownMs)} is shorter than minDelay ${formatDuration(minDelayMs)}, so it would never count`,
      hint: `Use a targetCooldown of at least ${formatDuration(minDelayMs)}.`,
    });
  }
  return findings;
}

function checkTargets(path: string, restart: RandomRestarts, nodes: readonly RosterEntry[]): Finding[] {
  if (nodes.length === 0 || chaosTargets(restart, nodes).length > 0) return [];
  const code = "NR-PLAN-NO-TARGET";
  if (!restart.includeValidators && !restart.includeExecutors) {
    return [
      {
        code,
        path,
        message: "restarts include neither validators nor executors",
        hint: "Leave out includeValidators(false) or includeExecutors(false).",
      },
    ];
  }
  const included = nodes.filter((node) =>
    node.role === "validator" ? restart.includeValidators : restart.includeExecutors,
  );
  if (included.length === 0) {
    const [role, other] = restart.includeExecutors ? ["executors", "validators"] : ["validators", "executors"];
    return [
      {
        code,
        path,
        message: `restarts are for ${role} only, and the network has none`,
        hint: `Include ${other}, or add ${role}.`,
      },
    ];
  }
  if (included.length === 1 && included[0]?.role === "validator") {
    return [
      {
        code,
        path,
        message: "the only target is a single validator, and without it there is no chain to watch",
        hint: "Call validators(3), or include executors.",
      },
    ];
  }
  const total = nodes.reduce((sum, node) => sum + node.stake, 0);
  const best = total - included.reduce((least, node) => Math.min(least, node.stake), total);
  return [
    {
      code,
      path,
      message: `no node can be restarted: more than half of the stake must stay up, and ${figure((100 * best) / total)} % of it at most would`,
      hint: nodes.length < 3 ? "Use at least 3 nodes." : "Spread the stake over more nodes.",
    },
  ];
}
