import assert from "node:assert/strict";
import test from "node:test";
import { MAX_BLOB_BYTES } from "../../lib/chain/blob.ts";
import type { RunEvent } from "../../lib/model/events.ts";
import { scenario } from "../../lib/plan/builder/scenario.ts";
import { simulate } from "../simulation/simulate.ts";

const verdictOf = (run: Awaited<ReturnType<typeof simulate>>, name = "data-availability") =>
  run.report.expectations.find(({ expectation }) => expectation === name);

const ofType = <T extends RunEvent["type"]>(events: readonly RunEvent[], type: T) =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);

test("64 channels carry more than a thousand blobs, each channel its share, in order", async () => {
  const run = await simulate(
    scenario("many")
      .topologyWith((t) => t.networkFull().validators(2).executors(1))
      .daWith((da) => da.channelRate(64).headroomPercent(0).blobRate(40))
      .withRunDuration("60s")
      .build(),
    { seed: "many" },
  );
  const judged = verdictOf(run);
  assert.equal(judged?.outcome, "passed", judged?.summary);
  const { channels, sent, included, missed } = judged?.figures ?? {};
  assert.equal(channels, 64);
  assert.ok(Number(sent) > 1_000, `${sent} sent`);
  assert.deepEqual([missed, included], [0, sent]);
  const perChannel = Map.groupBy(ofType(run.events, "blob.submitted"), ({ channel }) => channel);
  assert.equal(perChannel.size, 64);
  const counts = [...perChannel.values()].map(({ length }) => length);
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 4, `${counts}`);
});

test("blobs of one byte and of the largest size are dispersed and read back", async () => {
  for (const size of [1, MAX_BLOB_BYTES]) {
    const run = await simulate(
      scenario("size")
        .topologyWith((t) => t.networkFull().validators(2).executors(1))
        .daWith((da) => da.blobSize(size).blobRate(0.2))
        .withRunDuration("20s")
        .build(),
      { seed: "size" },
    );
    const judged = verdictOf(run);
    assert.equal(judged?.outcome, "passed", `${size} bytes: ${judged?.summary}`);
    assert.ok(Number(judged?.figures.readBack) > 0);
  }
});

test("blobs are read back in mid-run from each set of holders that faults leave, old ones and new ones", async () => {
  const run = await simulate(
    scenario("survivors")
      .topologyWith((t) => t.networkFull().validators(4).executors(1))
      .daWith((da) => da.channelRate(2).blobRate(1))
      .enableNodeControl()
      .chaosWith((chaos) =>
        chaos
          .kill({ at: "20s", for: "10s", targets: "validator-1" })
          .pause({ at: "45s", for: "20s", targets: "validator-2" })
          .kill({ at: "80s", for: "10s", targets: "validator-3" }),
      )
      .withRunDuration("110s")
      .build(),
    { seed: "survivors" },
  );
  const judged = verdictOf(run);
  assert.equal(judged?.outcome, "passed", judged?.summary);
  const samples = ofType(run.events, "blob.sampled");
  const figures = judged?.figures ?? {};
  assert.equal(figures["sampled"], samples.length);
  assert.equal(figures["sampledWhole"], samples.length);
  // By the kernel's word on who was down, not by the sample's own: while a node was, it is in no surviving set.
  for (const [fault, node] of [
    ["chaos 1", "validator-1"],
    ["chaos 2", "validator-2"],
    ["chaos 3", "validator-3"],
  ] as const) {
    const begun = ofType(run.events, "fault.effective").find((event) => event.fault === fault)?.t ?? Number.NaN;
    const ended = ofType(run.events, "fault.ended").find((event) => event.fault === fault)?.t ?? Number.NaN;
    const inside = samples.filter(({ t }) => t > begun + 6_000 && t < ended);
    assert.ok(inside.length > 0, `no sample in ${fault}`);
    for (const { holders } of inside) {
      const asked = holders.filter((holder) => holder.node === node);
      assert.ok(asked.length > 0 && asked.every(({ outcome }) => outcome === "unreachable"), `${fault}: ${node}`);
    }
    const others = ["executor-0", "validator-0", "validator-1", "validator-2", "validator-3"].filter(
      (name) => name !== node,
    );
    assert.match(String(figures[`from ${others.join(" ")}`]), /^(\d+) of \1 whole$/);
  }
  assert.ok(Number(figures["survivorSets"]) >= 4);
  const dispersedAt = new Map(ofType(run.events, "blob.dispersed").map(({ blob, t }) => [blob, t]));
  const ages = samples.map(({ blob, t }) => t - (dispersedAt.get(blob) ?? Number.NaN));
  assert.ok(Math.min(...ages) < 20_000 && Math.max(...ages) > 50_000, "old blobs and new ones");
});
