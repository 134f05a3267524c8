import { genesisNotes } from "../chain/genesis.ts";
import type { Genesis } from "../chain/types.ts";
import { walletOf, walletSecret } from "../chain/wallet.ts";
import { must } from "../core/errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Wallet } from "../model/wallets.ts";

/** The genesis wallets of a plan, with their keys and notes. */
export function walletsOf(plan: Plan, genesis: Genesis): readonly Wallet[] {
  const notes = new Map(genesisNotes(genesis).map(({ id, note }) => [note.pk, { id, value: note.value }]));
  return Array.from({ length: plan.wallets.count }, (_, index) => {
    const secret = walletSecret(plan.seed, index);
    const { pk } = walletOf(secret);
    const { id, value } = must(notes.get(pk), `genesis note of wallet ${index}`);
    return { index, label: `wallet-user-${index}`, pk, secret, note: id, value };
  });
}
