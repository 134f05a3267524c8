import assert from "node:assert/strict";
import test from "node:test";
import { randomStream } from "../../lib/core/random.ts";
import { shares } from "../../lib/evidence/judgement/fair-share.ts";
import { fairShare } from "../../lib/expectations/fair-share.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";
import { runVirtually } from "../support/virtual-run.ts";

const plan = planOf({ validators: 4, executors: 0 });
const judge = (recording: Recording) => fairShare.create(pieceOf("fair-share"), plan).judge(recording.evidence());

/** A chain whose blocks are led by who `leader` says, one block a slot. */
function chain(slots: number, leader: (slot: number) => string | undefined): Recording {
  const recording = new Recording(plan).boot().block(1, { leader: "validator-0" }).opened(2, 1);
  for (let slot = 2; slot <= slots; slot++) {
    const name = leader(slot);
    recording.block(slot, name === undefined ? {} : { leader: name });
  }
  return recording.closed(slots, slots);
}

test("the share of a slot is what many drawn slots give", () => {
  const win = [0.6, 0.3, 0.1];
  const random = randomStream("fair-share", "test");
  const led = [0, 0, 0];
  const rounds = 200_000;
  for (let round = 0; round < rounds; round++) {
    const winners = win.flatMap((p, i) => (random.float() < p ? [{ i, id: random.float() }] : []));
    const first = winners.sort((a, b) => a.id - b.id)[0];
    if (first) led[first.i] = (led[first.i] ?? 0) + 1;
  }
  for (const [i, share] of shares(win).entries()) {
    const deviation = Math.sqrt((share * (1 - share)) / rounds);
    assert.ok(Math.abs((led[i] ?? 0) / rounds - share) < 5 * deviation, `${i}: ${led[i]} of ${rounds}, share ${share}`);
  }
});

test("leaders that take turns pass", () => {
  const judgement = judge(chain(200, (slot) => `validator-${slot % 4}`));
  assert.equal(judgement.outcome, "passed", judgement.summary);
});

test("a node that never leads is named, and so is one that leads too often", () => {
  const judgement = judge(chain(200, (slot) => `validator-${slot % 3}`));
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.summary, /^validator-3 led 0 blocks, \d+ to \d+ would be fair/);
  const greedy = judge(chain(200, (slot) => (slot % 8 < 6 ? "validator-2" : `validator-${slot % 2}`)));
  assert.match(greedy.summary, /validator-2 led 149 blocks/);
});

test("a short window, and headers that don't show who led, decide nothing", () => {
  const short = judge(chain(40, (slot) => `validator-${slot % 4}`));
  assert.equal(short.outcome, "inconclusive");
  assert.match(
    short.summary,
    /too short to tell whether validator-0, validator-1, validator-2 and validator-3 ever lead/,
  );
  const anonymous = judge(chain(200, () => undefined));
  assert.match(anonymous.summary, /199 of 199 blocks don't show who led/);
});

test("slots in which nodes were down widen the limits", () => {
  const recording = new Recording(plan).boot().block(1, { leader: "validator-0" }).opened(2, 1);
  recording.at(4_000, "node.ended", { node: "validator-3", start: 1, expected: true, why: "SIGTERM, as asked" });
  for (let slot = 2; slot <= 200; slot++) recording.block(slot, { leader: `validator-${slot % 3}` });
  assert.equal(judge(recording.closed(200, 200)).outcome, "inconclusive");
});

test("first-seen ties are refused", () => {
  const changed = { ...plan, consensus: { ...plan.consensus, tieBreak: "first-seen" as const } };
  assert.match(fairShare.object(pieceOf("fair-share"), changed, {} as never)[0]?.message ?? "", /first-seen/);
});

test("the embedded nodes of a run have their fair share, by unequal stakes as well", async () => {
  const written = scenario("shares")
    .topologyWith((t) => t.networkStar().validators(4).stake(0, 2_000))
    .expectFairShare()
    .withRunDuration("3m")
    .build();
  const run = await runVirtually(written, { seed: "shares", profile: "fast" });
  const judged = run.expectations.find(({ kind }) => kind === "fair-share");
  assert.equal(judged?.outcome, "passed", judged?.summary);
});
