import { createMachine } from "../machine/machine.ts";
import { createSharedMemo, type SharedMemo } from "../machine/shared-memo.ts";
import type { Machine, MachineConfig, Snapshot } from "../machine/types.ts";
import { Equivocates, WithholdsBlocks } from "./blocks.ts";
import { LiesAboutHeight, ServesOldTip } from "./chain.ts";
import type { Disguised } from "./disguise.ts";
import type { Misbehaviour } from "./misbehaviour.ts";
import { CorruptsShares, LosesShares, WithholdsShares } from "./shares.ts";
import { Stalls } from "./stall.ts";
import { AcceptsDoubleSpends, DOUBLE_SPENDING, DropsTransactions } from "./transactions.ts";

/** A node's machine, and how it misbehaves if it does. */
export interface NodeMachineConfig extends MachineConfig {
  /** Honest when absent. */
  readonly misbehave?: Misbehaviour;
}

/** The machine of a node as it is configured: honest, or an honest one in disguise. As `createMachine` otherwise. */
export function createNodeMachine(
  config: NodeMachineConfig,
  snapshot: Snapshot | null,
  now: number,
  memo: SharedMemo = createSharedMemo(),
): Machine {
  const { misbehave } = config;
  if (!misbehave) return createMachine(config, snapshot, now, memo);
  if (misbehave.kind === "accept-double-spends") {
    // What follows from another ledger is nothing that honest machines may share.
    const machine = createMachine(config, snapshot, now, createSharedMemo(), DOUBLE_SPENDING);
    return new AcceptsDoubleSpends({ machine, config }, misbehave);
  }
  return disguise({ machine: createMachine(config, snapshot, now, memo), config }, misbehave);
}

function disguise(node: Disguised, dose: Exclude<Misbehaviour, { kind: "accept-double-spends" }>): Machine {
  switch (dose.kind) {
    case "withhold-blocks":
      return new WithholdsBlocks(node, dose);
    case "drop-transactions":
      return new DropsTransactions(node, dose);
    case "equivocate":
      return new Equivocates(node, dose);
    case "serve-old-tip":
      return new ServesOldTip(node, dose);
    case "lie-about-height":
      return new LiesAboutHeight(node, dose);
    case "lose-shares":
      return new LosesShares(node, dose);
    case "corrupt-shares":
      return new CorruptsShares(node, dose);
    case "withhold-shares":
      return new WithholdsShares(node, dose);
    case "stall":
      return new Stalls(node, dose);
  }
}
