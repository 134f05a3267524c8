import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { applyTx, type LedgerState, outputNotes, totalValue } from "../../lib/chain/ledger.ts";
import type { Note, NoteId, SignedTx } from "../../lib/chain/types.ts";
import { verifyTx } from "../../lib/chain/verify-tx.ts";
import { signTransfer, type Wallet } from "../../lib/chain/wallet.ts";
import { network } from "./fixture.ts";

const net = network("conservation", 2, 4);
const TOTAL = totalValue(net.state);

/** A transfer attempt: whose key signs, which notes of the pool, how the sum is split, and what is added to it. */
interface Attempt {
  /** Picks among the signer's unspent notes, and not among all that ever were. */
  readonly honest: boolean;
  readonly signer: number;
  readonly picks: readonly number[];
  readonly receivers: readonly number[];
  readonly surplus: number;
}

const attempt: fc.Arbitrary<Attempt> = fc.record({
  honest: fc.boolean(),
  signer: fc.nat(3),
  picks: fc.array(fc.nat(), { maxLength: 3 }),
  receivers: fc.array(fc.nat(3), { maxLength: 3 }),
  surplus: fc.oneof(
    { weight: 4, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -1, max: 1 }) },
  ),
});

interface Pool {
  state: LedgerState;
  /** Every note that ever was, spent or not. */
  readonly notes: { id: NoteId; note: Note }[];
}

function transferOf(pool: Pool, { honest, signer, picks, receivers, surplus }: Attempt): SignedTx {
  const owner = net.wallets[signer] as Wallet;
  const own = pool.notes.filter(({ id, note }) => note.pk === owner.pk && pool.state.notes.has(id));
  const choice = honest && own.length > 0 ? own : pool.notes;
  const inputs = picks.map((pick) => choice[pick % choice.length] as Pool["notes"][number]);
  const sum = inputs.reduce((total, { note }) => total + note.value, BigInt(surplus));
  const share = receivers.length > 0 ? sum / BigInt(receivers.length) : 0n;
  const outputs = receivers.map((receiver, i) => ({
    value: i === 0 ? sum - share * BigInt(receivers.length - 1) : share,
    pk: (net.wallets[receiver] as Wallet).pk,
  }));
  if (outputs.some(({ value }) => value < 0n)) return signTransfer(owner, [], []);
  return signTransfer(
    owner,
    inputs.map(({ id }) => id),
    outputs,
  );
}

test("whatever is attempted, value is conserved, stake stays, and only owners spend, once", () => {
  let accepted = 0;
  let refused = 0;
  fc.assert(
    fc.property(fc.array(attempt, { minLength: 5, maxLength: 25 }), (attempts) => {
      const pool: Pool = { state: net.state, notes: [...net.state.notes].map(([id, note]) => ({ id, note })) };
      for (const each of attempts) {
        const tx = transferOf(pool, each);
        const before = pool.state;
        const applied = verifyTx(tx).ok ? applyTx(before, tx) : undefined;
        if (!applied?.ok) {
          refused += 1;
          continue;
        }
        const { inputs } = tx.tx.ledger;
        const owner = (net.wallets[each.signer] as Wallet).pk;
        assert.ok(inputs.every((input) => before.notes.get(input)?.pk === owner && !applied.state.notes.has(input)));
        pool.state = applied.state;
        pool.notes.push(...outputNotes(tx.tx.ledger));
        accepted += inputs.length > 0 ? 1 : 0;
      }
      assert.equal(totalValue(pool.state), TOTAL);
      assert.ok(net.genesis.leaders.every((leader) => pool.state.notes.get(leader.note)?.value === leader.value));
    }),
    { numRuns: 60, seed: 7 },
  );
  // The property would hold of a ledger that refuses everything.
  assert.ok(accepted > 50 && refused > 50, `${accepted} accepted, ${refused} refused`);
});
