import { concatBytes, hexToBytes } from "../core/bytes.ts";
import { must } from "../core/errors.ts";
import { deriveBytes } from "../core/random.ts";
import { type Signer, signerOf } from "./keys.ts";
import { messageId, notePk, txHash } from "./suite.ts";
import type {
  BlobId,
  ChannelBlob,
  ChannelId,
  LedgerTx,
  MantleTx,
  MessageId,
  Note,
  NoteId,
  NotePublicKey,
  Op,
  SignedTx,
} from "./types.ts";

/**
 * Keys of a test network and the transactions that its clients send. All keys derive from the run's public seed: they are
 * no secret and worth nothing.
 */

/** A key that owns notes. */
export interface Wallet {
  readonly signer: Signer;
  /** Owner of its notes. */
  readonly pk: NotePublicKey;
}

/** Ed25519 secret of wallet `index`. */
export function walletSecret(seed: string, index: number): Uint8Array {
  return deriveBytes(seed, "wallet", index);
}

/** Ed25519 secret of the leader key of the node called `name`. */
export function leaderSecret(seed: string, name: string): Uint8Array {
  return deriveBytes(seed, "leader", name);
}

/** The wallet of a secret. */
export function walletOf(secret: Uint8Array): Wallet {
  const signer = signerOf(secret);
  return { signer, pk: notePk(signer.key) };
}

/** The wallet of a secret whose public key is known: the key to sign with is made when it is first used. */
export function walletOfKey(secret: Uint8Array, pk: NotePublicKey): Wallet {
  let signer: Signer | undefined;
  return {
    pk,
    get signer() {
      signer ??= signerOf(secret);
      return signer;
    },
  };
}

let zeroKey: Signer | undefined;

/**
 * The signer of channel operations: the Ed25519 key of 32 zero bytes, as in the framework that this product follows, whose
 * executors sign every blob with it whatever signer the request names. So a channel that is to hold blobs must be opened
 * with this key.
 */
export function channelSigner(): Signer {
  zeroKey ??= signerOf(new Uint8Array(32));
  return zeroKey;
}

/** Signs operations with one key and the ledger part with another; gas is free. */
export function signTx(ops: readonly Op[], opSigner: Signer, ledger: LedgerTx, owner: Signer): SignedTx {
  const tx: MantleTx = { ops, ledger, executionGasPrice: 0n, storageGasPrice: 0n };
  const message = hexToBytes(txHash(tx));
  return {
    tx,
    opProofs: ops.map(() => ({ type: "ed25519", signature: opSigner.sign(message) })),
    ledgerProof: ledgerProof(owner, owner.sign(message)),
  };
}

function ledgerProof({ key }: Signer, signature: Uint8Array): Uint8Array {
  return concatBytes(hexToBytes(key), signature, new Uint8Array(32));
}

const NO_LEDGER: LedgerTx = { inputs: [], outputs: [] };

/**
 * A transfer from notes of `wallet` to `outputs`; what goes in must equal what comes out. The ids of the new notes are
 * those of `outputNotes(tx.ledger)`.
 */
export function signTransfer(wallet: Wallet, inputs: readonly NoteId[], outputs: readonly Note[]): SignedTx {
  return signTx([], wallet.signer, { inputs, outputs }, wallet.signer);
}

/** As {@link signTransfer}, but signed on another thread: to be sent when `done` resolves. */
export function signTransferBeside(
  { signer }: Wallet,
  inputs: readonly NoteId[],
  outputs: readonly Note[],
): { readonly signed: SignedTx; readonly done: Promise<void> } {
  const tx: MantleTx = { ops: [], ledger: { inputs, outputs }, executionGasPrice: 0n, storageGasPrice: 0n };
  let proof: Uint8Array | undefined;
  const signed: SignedTx = {
    tx,
    opProofs: [],
    get ledgerProof() {
      return must(proof, "the signature of a transfer that is being signed");
    },
  };
  const done = signer.signBeside(hexToBytes(txHash(tx))).then((signature) => {
    proof = ledgerProof(signer, signature);
  });
  return { signed, done };
}

/** Gives a whole note of `wallet` to itself: the framework's unit of load. */
export function signSelfTransfer(wallet: Wallet, note: NoteId, value: bigint): SignedTx {
  return signTransfer(wallet, [note], [{ value, pk: wallet.pk }]);
}

export interface InscriptionRequest {
  readonly channel: ChannelId;
  readonly inscription: Uint8Array;
  readonly parent: MessageId;
}

/** A transaction with one inscription, by the {@link channelSigner} unless another is given. */
export function signInscription(request: InscriptionRequest, signer: Signer = channelSigner()): SignedTx {
  const op: Op = { type: "inscribe", ...request, signer: signer.key };
  return signTx([op], signer, NO_LEDGER, signer);
}

export interface BlobRequest {
  readonly channel: ChannelId;
  readonly parent: MessageId;
  readonly blob: BlobId;
  /** Length of the data in bytes. */
  readonly size: number;
}

/** The operation that an executor makes of a dispersed blob. */
function blobOp({ channel, parent, blob, size }: BlobRequest): ChannelBlob {
  return {
    type: "blob",
    channel,
    session: 0n,
    blob,
    blobSize: BigInt(size),
    storageGasPrice: 0n,
    parent,
    signer: channelSigner().key,
  };
}

/** The transaction with which an executor writes a dispersed blob to its channel. */
export function signBlobOp(request: BlobRequest): SignedTx {
  const signer = channelSigner();
  return signTx([blobOp(request)], signer, NO_LEDGER, signer);
}

/** Id of the message that {@link signBlobOp} writes: the parent of the channel's next one, known before it is included. */
export function blobMessageId(request: BlobRequest): MessageId {
  return messageId(blobOp(request));
}
