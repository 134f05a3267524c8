import { type Conducted, type Conductor, judgeRecorded, observeAll, verdictOf } from "../conduct.ts";
import { contextFor } from "../context.ts";
import { stageDeadlines } from "../deadlines.ts";
import { bootNetwork, type Network } from "../network.ts";
import { makeExpectations } from "../pieces.ts";
import { settle } from "../stages/settle.ts";

/** The longest that a timer waits (2^31 - 1 ms, 24 days): who drives the network by hand has all the time there is. */
const DRIVE_MS = 2 ** 31 - 1;

/**
 * Boots a network, gives it to somebody who drives it, and judges what happened from the baseline until then by the
 * plan's expectations. Nothing is healed and nothing waits for finality: what is judged is what was driven.
 * @param onOpen told when the network has made its first common block
 * @param over resolves when whoever drives it is done
 */
export async function handOver(
  run: Conductor,
  onOpen: (network: Network, run: Conductor) => void,
  over: Promise<void>,
): Promise<Conducted> {
  const { plan, clock, recorder, stages, signal } = run;
  const deadlines = stageDeadlines(plan, run.forecast);
  const network = await bootNetwork(run);
  const { feed, shared, currentSlot } = network;
  recorder.emit("window.opened", { slot: currentSlot() + 1, height: feed.head().height });
  const context = (piece: string, inner: AbortSignal) =>
    contextFor({ ...shared, driveEnds: clock.now() + DRIVE_MS }, piece, inner);
  const expectations = makeExpectations(plan, run.registry, run.customs);
  observeAll(expectations, network, context, signal);

  await stages.run("drive", { deadlineMs: DRIVE_MS, signal }, async () => {
    onOpen(network, run);
    await over;
  });
  await stages.runForEvidence("settle", { deadlineMs: deadlines.settle, signal }, async (inner) => {
    await settle({
      workloads: [],
      expectations: expectations.map(({ expectation }) => expectation),
      context,
      clock,
      leastMs: 0,
      events: recorder,
      signal: inner,
    });
    if (!network.services) await feed.catchUp(inner);
  });
  recorder.emit("window.closed", { slot: currentSlot() - 1, height: feed.head().height });
  const judged = await stages.run("judge", { deadlineMs: deadlines.judge, signal }, async () =>
    judgeRecorded(run, expectations),
  );
  return { ...verdictOf(judged, { failures: [], abandoned: [] }), expectations: judged };
}
