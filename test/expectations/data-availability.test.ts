import assert from "node:assert/strict";
import test from "node:test";
import { dataAvailability } from "../../lib/expectations/data-availability.ts";
import type { EventData } from "../../lib/model/events.ts";
import { pieceOf, planOf, Recording } from "../support/recording.ts";

const plan = planOf({ validators: 2, executors: 1 });
const judge = (recording: Recording) =>
  dataAvailability.create(pieceOf("data-availability"), plan).judge(recording.evidence());

const GOOD: EventData<"blob.read">["holders"] = [
  { node: "validator-0", share: 0, outcome: "good" },
  { node: "validator-1", share: 1, outcome: "good" },
];

/** One channel with an inscription and `blobs` blobs in block 2 except those `without`, each read back by `read`. */
function run(
  blobs: number,
  options: {
    without?: readonly number[];
    inscribed?: boolean;
    /** When the first blob is sent. */
    from?: number;
    read?: (n: number) => Partial<EventData<"blob.read">> | null;
  } = {},
): Recording {
  const recording = new Recording(plan).boot().block(1).opened(2, 1);
  recording.at(3_600, "inscription.submitted", {
    workload: "data-availability",
    channel: "c",
    message: "m",
    tx: "t",
    node: "validator-0",
    intended: 3_600,
  });
  recording.at(3_605, "inscription.accepted", { channel: "c", message: "m" });
  const messages = options.inscribed === false ? [] : [{ channel: "c", id: "m", blob: null as string | null }];
  for (let n = 0; n < blobs; n++) {
    const intended = (options.from ?? 3_610) + n;
    recording.at(intended, "blob.planned", { workload: "data-availability", n, channel: "c", intended, size: 248 });
    recording.at(intended, "blob.submitted", {
      workload: "data-availability",
      n,
      channel: "c",
      node: "executor-0",
      intended,
    });
    recording.at(intended + 9, "blob.dispersed", {
      workload: "data-availability",
      n,
      blob: `blob${n}`,
      message: `m${n}`,
      node: "executor-0",
      data: `digest${n}`,
    });
    if (!options.without?.includes(n)) messages.push({ channel: "c", id: `m${n}`, blob: `blob${n}` });
  }
  recording.block(2, { messages });
  for (let height = 3; height <= 30; height++) recording.block(height);
  for (let n = 0; n < blobs; n++) {
    const read = options.read ? options.read(n) : {};
    if (options.without?.includes(n) || read === null) continue;
    recording.at(61_000, "blob.read", {
      blob: `blob${n}`,
      ok: true,
      why: "",
      data: `digest${n}`,
      holders: GOOD,
      ...read,
    });
  }
  return recording.closed(30, 30);
}

test("inscriptions and blobs that are included and come back pass", () => {
  const judgement = judge(run(100, { without: [7, 8, 9, 10, 11] }));
  assert.equal(judgement.outcome, "passed", judgement.summary);
  assert.equal(judgement.figures.included, 95);
  assert.equal(judgement.figures.readBack, 95);
});

test("fewer than 95 % of the blobs fail, and the missing ones are named", () => {
  const judgement = judge(run(100, { without: [7, 8, 9, 10, 11, 12] }));
  assert.equal(judgement.outcome, "failed");
  assert.match(
    judgement.findings[0] ?? "",
    /blob data-availability 7 on channel c was dispersed by executor-0 at 3.6s as blob7 and is in no canonical block/,
  );
});

test("an inscription that is not included fails", () => {
  const judgement = judge(run(10, { inscribed: false }));
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.findings[0] ?? "", /channel c: its inscription m was accepted and is in no canonical block/);
});

test("a blob that does not come back fails, with the holders of its missing and corrupt shares", () => {
  const holders: EventData<"blob.read">["holders"] = [
    { node: "validator-0", share: 0, outcome: "missing" },
    { node: "validator-1", share: 1, outcome: "corrupt" },
  ];
  const read = (n: number) => (n === 3 ? { ok: false, why: "2 shares needed, 0 are there", data: null, holders } : {});
  const judgement = judge(run(10, { read }));
  assert.equal(judgement.outcome, "failed");
  assert.match(
    judgement.findings[0] ?? "",
    /blob blob3 did not come back: .*; share 0 missing on validator-0, share 1 corrupt on validator-1/,
  );
});

test("a blob that comes back different fails", () => {
  const judgement = judge(run(10, { read: (n) => (n === 3 ? { data: "other" } : {}) }));
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.findings[0] ?? "", /blob blob3 came back as other, but digest3 was sent/);
});

test("a corrupt share fails its holder, also when the blob came back without it", () => {
  const holders: EventData<"blob.read">["holders"] = [{ node: "validator-1", share: 1, outcome: "corrupt" }];
  const judgement = judge(run(10, { read: () => ({ holders }) }));
  assert.equal(judgement.outcome, "failed");
  assert.match(judgement.summary, /; 10 of 10 shares lost or spoilt by validator-1 \(at most 0 % allowed\)$/);
  assert.deepEqual(judgement.findings, ["validator-1: corrupt, 10 of its shares, first blob0 share 1"]);
});

test("a missing share fails a holder that was there all the time, and none that was away at the dispersal", () => {
  const holders: EventData<"blob.read">["holders"] = [
    { node: "validator-0", share: 0, outcome: "good" },
    { node: "validator-1", share: 1, outcome: "missing" },
  ];
  const there = run(10, { read: () => ({ holders }), from: 25_000 });
  assert.match(judge(there).summary, /lost or spoilt by validator-1/);
  const early = run(10, { read: () => ({ holders }), from: 9_000 });
  assert.match(
    judge(early).summary,
    /lost or spoilt by validator-1/,
    "a boot that has been over for seconds excuses nobody",
  );
  const away = run(10, { read: () => ({ holders }), from: 25_000 });
  const after = away.events.findIndex(({ type }) => type === "node.answered") + 4;
  const pause = {
    v: 1,
    seq: away.events[after]?.seq ?? 0,
    t: 200,
    type: "node.paused",
    node: "validator-1",
    paused: true,
  };
  away.events.splice(after, 0, pause as never);
  assert.equal(judge(away).outcome, "passed", judge(away).summary);
  assert.equal(judge(run(10, { read: () => ({ holders }) })).outcome, "passed", "just after the start");
});

test("blobs that nobody read back decide nothing", () => {
  const judgement = judge(run(10, { read: () => null }));
  assert.equal(judgement.outcome, "inconclusive");
  assert.match(judgement.summary, /^10 included blobs not read back/);
});

test("a run that opened no channel, or sent no blob, decides nothing", () => {
  const empty = new Recording(plan).boot().block(1).opened(2, 1).block(2).closed(2, 2);
  assert.match(judge(empty).summary, /^no channel was opened/);
  assert.match(judge(run(0)).summary, /^no blob was sent/);
});

test("read-back counts each holder's shares by what came of them", () => {
  const holders = (n: number) => [
    { node: "validator-0", share: 0, outcome: "good" as const },
    { node: "validator-1", share: 1, outcome: n < 3 ? ("corrupt" as const) : ("good" as const) },
    { node: "executor-0", share: 2, outcome: n === 9 ? ("missing" as const) : ("unreachable" as const) },
  ];
  const { figures } = judge(run(10, { read: (n) => ({ holders: holders(n) }) }));
  const { sharesGood, sharesMissing, sharesCorrupt, sharesUnreachable } = figures;
  assert.deepEqual([sharesGood, sharesMissing, sharesCorrupt, sharesUnreachable], [17, 1, 3, 9]);
  assert.equal(figures["shares of validator-0"], "10 good");
  assert.equal(figures["shares of validator-1"], "7 good, 3 corrupt");
  assert.equal(figures["shares of executor-0"], "1 missing, 9 unreachable");
});

/** A healthy run with one blob sampled in mid-run. */
function sampled(
  holders: EventData<"blob.sampled">["holders"],
  read: Partial<EventData<"blob.sampled">> = {},
  options: Parameters<typeof run>[1] = {},
) {
  const recording = run(10, options);
  recording.at(30_000, "blob.sampled", { blob: "blob3", ok: true, why: "", data: "digest3", holders, ...read });
  return judge(recording);
}

test("a blob that survivors don't give back in mid-run fails, with the holders that lost its shares", () => {
  const lost: EventData<"blob.read">["holders"] = [
    { node: "validator-0", share: 0, outcome: "missing" },
    { node: "validator-1", share: 1, outcome: "corrupt" },
    { node: "executor-0", share: 2, outcome: "unreachable" },
  ];
  const judgement = sampled(lost, { ok: false, why: "2 shares needed, 0 are there", data: null });
  assert.equal(judgement.outcome, "failed");
  assert.match(
    judgement.findings[0] ?? "",
    /blob blob3 at 30s: its surviving holders did not give it back: .*; share 0 missing on validator-0/,
  );
  assert.equal(judgement.figures["from validator-0 validator-1"], "0 of 1 whole");
});

test("where the run ended before blobs were read back, holders answer for what they gave in mid-run", () => {
  const corrupt = { node: "validator-1", share: 1, outcome: "corrupt" as const };
  const judgement = sampled([...GOOD.slice(0, 1), corrupt], {}, { read: () => null });
  assert.match(judgement.summary, /; 1 of 2 shares lost or spoilt by validator-1 /);
  assert.equal(sampled(GOOD, { data: "other" }).outcome, "failed");
});

test("a blob whose holders faults keep away in mid-run is out of reach, and fails nothing", () => {
  const away: EventData<"blob.read">["holders"] = GOOD.map((holder) => ({ ...holder, outcome: "unreachable" }));
  const judgement = sampled(away, { ok: false, why: "2 shares needed, 0 are there", data: null });
  assert.equal(judgement.outcome, "passed", judgement.summary);
  const { sampled: all, sampledWhole, sampledOutOfReach } = judgement.figures;
  assert.deepEqual([all, sampledWhole, sampledOutOfReach], [1, 0, 1]);
});
