import { Map as ImmutableMap, Set as ImmutableSet } from "immutable";
import { signedTxBytes } from "./encoding.ts";
import { gasCost } from "./gas.ts";
import { ledgerHash, messageId, noteId, notePk } from "./suite.ts";
import {
  type ChannelId,
  type Hex32,
  type LedgerTx,
  type MessageId,
  type Note,
  type NoteId,
  type Op,
  type SignedTx,
  ZERO_ID,
} from "./types.ts";
import { ledgerKey } from "./verify-tx.ts";

/** A channel's latest message and the one key that may write to it. */
export interface Channel {
  readonly tip: MessageId;
  readonly signer: Hex32;
}

/** The state that transactions change. Immutable: a block's state shares what it didn't change with its parent's. */
export interface LedgerState {
  readonly notes: ImmutableMap<NoteId, Note>;
  readonly channels: ImmutableMap<ChannelId, Channel>;
  /** Notes that draw in the lottery and can't be spent. */
  readonly leaderNotes: ImmutableSet<NoteId>;
}

/** Most transactions in a block. */
export const MAX_BLOCK_TXS = 1_024;
/**
 * Most bytes of a block's transactions, proofs included: 4 MiB. Any transaction that HTTP takes fits (10 MiB of JSON hold
 * 2.9 MB), and any block fits a frame between peers.
 */
export const MAX_BLOCK_BYTES = 4 * 2 ** 20;

export type Applied =
  | { readonly ok: true; readonly state: LedgerState }
  | {
      readonly ok: false;
      readonly reason: string;
      /**
       * Whether the transaction can't become valid in any state that descends from this one. A missing input or another
       * channel tip is not: the state keeps no history, so it can't tell "not yet" from "no longer".
       */
      readonly permanent: boolean;
      /** Whether other proofs, which no id covers, could have made it pass. */
      readonly byProofs: boolean;
    };

function refuse(reason: string, permanent: boolean, byProofs = false): Applied {
  return { ok: false, reason, permanent, byProofs };
}

/**
 * Applies a transaction to the state. Its form and signatures are taken as verified (`verifyTx`); here are only the rules
 * that need the state: inputs exist, belong to the proof's key and are no leader notes, what comes in less what goes out
 * is exactly the gas cost, and channel messages follow their channel's tip.
 */
export function applyTx(state: LedgerState, signed: SignedTx): Applied {
  const { ledger } = signed.tx;
  const owner = ledger.inputs.length > 0 ? notePk(ledgerKey(signed)) : undefined;
  let incoming = 0n;
  for (const input of ledger.inputs) {
    const note = state.notes.get(input);
    if (!note) return refuse(`input ${input} does not exist or is spent`, false);
    if (state.leaderNotes.has(input)) return refuse(`input ${input} is a leader note`, true);
    if (note.pk !== owner) return refuse(`input ${input} belongs to another key`, true, true);
    incoming += note.value;
  }
  const outgoing = ledger.outputs.reduce((sum, note) => sum + note.value, 0n);
  const cost = gasCost(signed.tx);
  if (incoming - outgoing !== cost) {
    return refuse(`inputs ${incoming} less outputs ${outgoing} is not the gas cost ${cost}`, true);
  }
  let { channels } = state;
  for (const op of signed.tx.ops) {
    const channel = channels.get(op.channel) ?? { tip: ZERO_ID, signer: op.signer };
    if (channel.signer !== op.signer) return refuse(`channel ${op.channel} does not belong to ${op.signer}`, true);
    if (channel.tip !== op.parent) {
      return refuse(`parent ${op.parent} is not the tip ${channel.tip} of channel ${op.channel}`, false);
    }
    channels = channels.set(op.channel, channelAfter(op));
  }
  return { ok: true, state: { ...state, notes: moveNotes(state.notes, ledger), channels } };
}

function moveNotes(notes: LedgerState["notes"], ledger: LedgerTx): LedgerState["notes"] {
  if (ledger.inputs.length === 0 && ledger.outputs.length === 0) return notes;
  return notes.withMutations((draft) => {
    for (const input of ledger.inputs) draft.delete(input);
    for (const { id, note } of outputNotes(ledger)) draft.set(id, note);
  });
}

/** The notes that a ledger transaction creates, with their ids. */
export function outputNotes(ledger: LedgerTx): { readonly id: NoteId; readonly note: Note }[] {
  const hash = ledgerHash(ledger);
  return ledger.outputs.map((note, index) => ({ id: noteId(hash, index, note.value, note.pk), note }));
}

/**
 * Applies a block's transactions in order; the first that does not apply refuses the block.
 * @param apply what a transaction is held against; the chain's rules by default
 */
export function applyBlock(
  state: LedgerState,
  txs: readonly SignedTx[],
  apply: (state: LedgerState, signed: SignedTx) => Applied = applyTx,
): Applied {
  if (txs.length > MAX_BLOCK_TXS)
    return refuse(`${txs.length} transactions, at most ${MAX_BLOCK_TXS} are allowed`, true);
  const bytes = txs.reduce((sum, signed) => sum + signedTxBytes(signed), 0);
  if (bytes > MAX_BLOCK_BYTES) {
    return refuse(`${bytes} bytes of transactions, at most ${MAX_BLOCK_BYTES} are allowed`, true, true);
  }
  let current = state;
  for (const [index, signed] of txs.entries()) {
    const applied = apply(current, signed);
    if (!applied.ok) return { ...applied, reason: `transaction ${index}: ${applied.reason}` };
    current = applied.state;
  }
  return { ok: true, state: current };
}

/** Sum of all notes' values: what no block may change while gas is free. */
export function totalValue(state: LedgerState): bigint {
  return state.notes.reduce((sum, note) => sum + note.value, 0n);
}

/** Sum of the notes of one owner, leader notes included. Looks at every note. */
export function balanceOf(state: LedgerState, pk: Hex32): bigint {
  return state.notes.reduce((sum, note) => (note.pk === pk ? sum + note.value : sum), 0n);
}

/** What an operation leaves of its channel. */
export function channelAfter(op: Op): Channel {
  return { tip: messageId(op), signer: op.signer };
}
