/**
 * What scenario files import as `nomos-run`: `scenario`, and the types to write pieces of your own against; and what
 * programs import that run plans themselves: `deploy` and `run`.
 */
export { deploy, run } from "./cli/library.ts";
export type { Duration } from "./core/duration.ts";
export type { Capability } from "./model/capability.ts";
export type { Cluster, Node, NodeControl, RunningNode, StoppedNode } from "./model/cluster.ts";
export type { EventOf, EventSink, EventType, RunEvent } from "./model/events.ts";
export type { Evidence } from "./model/expectation.ts";
export type { BlockFeed, HeadChange, SeenBlock } from "./model/feed.ts";
export type { CallOptions, NodeClient } from "./model/node-client.ts";
export type { Json, Plan } from "./model/plan.ts";
export type { RunContext } from "./model/run-context.ts";
export type { Task, TaskContext, TaskGiven, TaskOption } from "./model/task.ts";
export type { NodeResponse, Transport } from "./model/transport.ts";
export type { Judgement, Outcome } from "./model/verdict.ts";
export type { Wallet } from "./model/wallets.ts";
export type { LogPatterns, SometimesState } from "./plan/builder/asked-expectations.ts";
export type { ChaosBuilder, ChaosRestartBuilder, RestartOptions } from "./plan/builder/chaos.ts";
export type { DataAvailabilityBuilder } from "./plan/builder/data-availability.ts";
export type { ConvergenceLimit } from "./plan/builder/expectations.ts";
export type {
  Bandwidth,
  ClockOffset,
  Delay,
  FaultTimes,
  Join,
  LastingFault,
  LineRate,
  Loss,
  NodeFault,
  Partition,
  RollingRestart,
} from "./plan/builder/faults.ts";
export type { Limits, MemorySize } from "./plan/builder/limits.ts";
export { type ScenarioBuilder, scenario } from "./plan/builder/scenario.ts";
export type { Capabilities, WalletConfig } from "./plan/builder/shapes.ts";
export {
  all,
  type FaultTargets,
  leaders,
  majority,
  minority,
  one,
  type TargetChoice,
  type TargetRole,
} from "./plan/builder/targets.ts";
export type { TopologyBuilder } from "./plan/builder/topology.ts";
export type { InvalidShare, Stage, TransactionsBuilder, TransferShares } from "./plan/builder/transactions.ts";
export { type CustomNodeKind, type CustomRendered, type DefinedNodeKind, nodeKind } from "./plan/custom-node-kind.ts";
export type { ExpectationName, ExpectationOptions } from "./plan/options.ts";
export { type TaskDefinition, task } from "./plan/task.ts";
export type { CustomExpectation, CustomWorkload, WrittenPlan } from "./plan/written.ts";
export type { DeployedCluster, Within } from "./run/library/deployed-cluster.ts";
export type { LibraryOptions } from "./run/library/options.ts";
export type { RunReport } from "./run/run-report.ts";
