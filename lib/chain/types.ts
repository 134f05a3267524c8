/**
 * The chain's data as the whole product holds it in memory: ids are lower-case hex, byte strings are `Uint8Array`,
 * amounts are bigint. `json.ts` turns them into the node's HTTP JSON and back, `binary.ts` into the bytes that are
 * hashed and gossiped. Layouts: docs/chain.md.
 */

/** 64 lower-case hex digits. */
export type Hex32 = string;
/** BLAKE2b-256 of a header's encoding. */
export type HeaderId = Hex32;
/** A transaction's hash, as a field element: little-endian hex. */
export type TxHash = Hex32;
/** A note's id, as a field element: little-endian hex. */
export type NoteId = Hex32;
/** A note owner's public key, as a field element: little-endian hex. */
export type NotePublicKey = Hex32;
/** BLAKE2b-256 of a channel operation's payload. */
export type MessageId = Hex32;
export type ChannelId = Hex32;
/** BLAKE2b-256 of a blob's commitments. */
export type BlobId = Hex32;

/** The id that stands for "none": parent of genesis, root of a channel. */
export const ZERO_ID: Hex32 = "0".repeat(64);

export interface Note {
  readonly value: bigint;
  readonly pk: NotePublicKey;
}

export interface LedgerTx {
  readonly inputs: readonly NoteId[];
  readonly outputs: readonly Note[];
}

/** Opcode 0x00: writes a message to a channel; the first one creates it. */
export interface ChannelInscribe {
  readonly type: "inscribe";
  readonly channel: ChannelId;
  readonly inscription: Uint8Array;
  /** The channel's latest message, {@link ZERO_ID} for the first. */
  readonly parent: MessageId;
  /** Ed25519 public key. */
  readonly signer: Hex32;
}

/** Opcode 0x01: writes a reference to a dispersed blob to a channel. */
export interface ChannelBlob {
  readonly type: "blob";
  readonly channel: ChannelId;
  readonly session: bigint;
  readonly blob: BlobId;
  /** Length of the data in bytes. */
  readonly blobSize: bigint;
  readonly storageGasPrice: bigint;
  readonly parent: MessageId;
  readonly signer: Hex32;
}

export type Op = ChannelInscribe | ChannelBlob;

export interface MantleTx {
  readonly ops: readonly Op[];
  readonly ledger: LedgerTx;
  readonly executionGasPrice: bigint;
  readonly storageGasPrice: bigint;
}

/** One per operation: an Ed25519 signature (64 bytes) over the transaction hash, or none (genesis only). */
export type OpProof = { readonly type: "ed25519"; readonly signature: Uint8Array } | { readonly type: "none" };

export interface SignedTx {
  readonly tx: MantleTx;
  readonly opProofs: readonly OpProof[];
  /** 128 bytes: key (32), signature (64), zeros (32) in the embedded suite. */
  readonly ledgerProof: Uint8Array;
}

export interface ProofOfLeadership {
  /** 128 bytes: what shows that the leader won the slot; in the embedded suite the note's key (32), VRF proof (80), zeros. */
  readonly proof: Uint8Array;
  /** In the embedded suite the first 32 bytes of the VRF output with the top three bits cleared, little-endian hex. */
  readonly entropy: Hex32;
  /** Ed25519 public key that signs the header. */
  readonly leaderKey: Hex32;
  readonly voucher: Hex32;
}

export interface Header {
  readonly parent: HeaderId;
  readonly slot: number;
  /** Merkle root of the transactions' hashes. */
  readonly blockRoot: Hex32;
  readonly leadership: ProofOfLeadership;
}

export interface Block {
  readonly id: HeaderId;
  readonly header: Header;
  /** Ed25519 signature of the header id by the leader key. */
  readonly signature: Uint8Array;
  readonly txs: readonly SignedTx[];
}

/** A leader note of the genesis: the stake of one node. Leader notes can't be spent (see docs/chain.md). */
export interface LeaderNote {
  readonly note: NoteId;
  readonly value: bigint;
  /** Ed25519 public key whose VRF draws for this note. */
  readonly key: Hex32;
}

/** What all nodes of a network agree on before the first block. */
export interface Genesis {
  readonly id: HeaderId;
  readonly tx: SignedTx;
  /** The transaction's first outputs, with the keys that own them. */
  readonly leaders: readonly LeaderNote[];
}

/** The consensus parameters, equal on every node. */
export interface ConsensusParams {
  /** Length of a slot in milliseconds. */
  readonly slotMs: number;
  /** Security parameter k: blocks until finality. */
  readonly k: number;
  /** Active slot coefficient f in (0, 1]. */
  readonly f: number;
  /** Which of two chains of equal length wins. */
  readonly tieBreak: "smaller-id" | "first-seen";
}

/** How blobs are coded and who holds the shares, equal on every node. */
export interface DaParams {
  /** Shares per blob (n), one for each subnetwork. */
  readonly shares: number;
  /** Shares that suffice to recover a blob (m). */
  readonly needed: number;
  /** Names of the nodes in each subnetwork, by subnetwork (= share) index. */
  readonly members: readonly (readonly string[])[];
  /** Subnetworks that a node samples for each blob. */
  readonly samples: number;
}

/** One share of a blob with its proof against the commitments. */
export interface Share {
  readonly blob: BlobId;
  readonly index: number;
  readonly column: Uint8Array;
  /** Merkle path from the column to the root, leaf first. */
  readonly path: readonly Hex32[];
  readonly commitments: Commitments;
}

/** What a blob id is the hash of. */
export interface Commitments {
  readonly root: Hex32;
  readonly shares: number;
  readonly needed: number;
  /** Length of the data in bytes. */
  readonly size: number;
}

/** Where a transaction stands at a node. */
export type TxStatus =
  | { readonly type: "pending" | "unknown" }
  | { readonly type: "in-block"; readonly block: HeaderId };

/** `GET /cryptarchia/info`. */
export interface ChainInfo {
  readonly lib: HeaderId;
  readonly tip: HeaderId;
  /** Slot of the tip block. */
  readonly slot: number;
  readonly height: number;
  readonly mode: "Bootstrapping" | "Online";
}

/** Outcome of a check: fine, or why not. */
export type Check = { readonly ok: true } | { readonly ok: false; readonly reason: string };
