import { buildGenesis, genesisLedger, genesisNoteOf } from "../../lib/chain/genesis.ts";
import { electorateOf, type Leader, leaderOf, leads, sealBlock } from "../../lib/chain/leadership.ts";
import type { LedgerState } from "../../lib/chain/ledger.ts";
import type { Block, Genesis, NoteId, SignedTx } from "../../lib/chain/types.ts";
import { leaderSecret, type Wallet, walletOf, walletSecret } from "../../lib/chain/wallet.ts";
import { must } from "../../lib/core/errors.ts";

export const PARAMS = { f: 0.9 };
export const WALLET_VALUE = 100n;

export interface Network {
  readonly leaders: readonly Leader[];
  readonly wallets: readonly Wallet[];
  readonly genesis: Genesis;
  readonly state: LedgerState;
  /** Genesis note of wallet `index`. */
  note(index: number): NoteId;
}

/** A network of equal leaders and equal wallets whose keys derive from the seed. */
export function network(seed: string, nodes: number, wallets: number): Network {
  const leaders = Array.from({ length: nodes }, (_, i) => leaderOf(leaderSecret(seed, `validator-${i}`)));
  const owners = Array.from({ length: wallets }, (_, i) => walletOf(walletSecret(seed, i)));
  const genesis = buildGenesis({
    nodes: leaders.map(({ key }, i) => ({ name: `validator-${i}`, leaderKey: key })),
    wallets: owners.map(({ pk }) => ({ pk, value: WALLET_VALUE })),
  });
  return {
    leaders,
    wallets: owners,
    genesis,
    state: genesisLedger(genesis),
    note: (index) => must(genesisNoteOf(genesis, must(owners[index], "wallet").pk), "genesis note").id,
  };
}

/** A chain with a block in the first slots that one of the leaders wins, holding the given transactions in order. */
export function chainOf(net: Network, contents: readonly (readonly SignedTx[])[]): Block[] {
  const electorate = electorateOf(net.genesis);
  const blocks: Block[] = [];
  for (let slot = 1; blocks.length < contents.length; slot++) {
    const leader = net.leaders.find((candidate) => leads(candidate, electorate, PARAMS, slot));
    if (!leader) continue;
    const parent = blocks.at(-1)?.id ?? net.genesis.id;
    blocks.push(sealBlock(leader, electorate, parent, slot, contents[blocks.length] as readonly SignedTx[]));
  }
  return blocks;
}
