import type { Electorate } from "../../chain/leadership.ts";
import type { Block, Check, Genesis, Share, SignedTx } from "../../chain/types.ts";
import type { TxCheck } from "../../chain/verify-tx.ts";
import { BoundedMap } from "./bounded.ts";
import type { ChainState } from "./chain-state.ts";
import type { TxFacts } from "./tx-facts.ts";

/** States remembered; one that was pushed out is computed again from its parent's. */
const REMEMBERED_STATES = 2_048;
/** Lottery draws remembered: 1,000 nodes for 256 slots. */
const REMEMBERED_DRAWS = 262_144;

/** What follows from a genesis alone. */
export interface Origin {
  readonly state: ChainState;
  readonly electorate: Electorate;
}

/**
 * What has been computed about the objects of one network. It changes nothing but the cost: machines of one process
 * that share it verify each block, transaction and state once. Everything hangs on the object, not on its id, because an
 * id does not bind the signatures beside it.
 */
export interface SharedMemo {
  /** The state before the first block, and who may lead. */
  readonly origins: WeakMap<Genesis, Origin>;
  readonly blocks: WeakMap<Block, Check>;
  readonly txs: WeakMap<SignedTx, TxCheck>;
  readonly facts: WeakMap<SignedTx, TxFacts>;
  /** Whether a share is what its blob's id commits to. */
  readonly shares: WeakMap<Share, boolean>;
  /** States after valid blocks. */
  readonly states: BoundedMap<Block, ChainState>;
  /** Whether a leader key won a slot, by `slot/key`. */
  readonly draws: BoundedMap<string, boolean>;
}

/** An empty memo, for machines of one genesis and one set of parameters. */
export function createSharedMemo(): SharedMemo {
  return {
    origins: new WeakMap(),
    blocks: new WeakMap(),
    txs: new WeakMap(),
    facts: new WeakMap(),
    shares: new WeakMap(),
    states: new BoundedMap(REMEMBERED_STATES),
    draws: new BoundedMap(REMEMBERED_DRAWS),
  };
}
