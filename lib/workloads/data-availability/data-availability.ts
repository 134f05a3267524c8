import * as v from "valibot";
import { MAX_BLOB_BYTES } from "../../chain/blob.ts";
import type { Plan, PlannedPiece } from "../../model/plan.ts";
import type { Forecast, Objection, WorkloadFactory } from "../../model/workload.ts";
import { type DataAvailabilityOptions, DataAvailabilityOptionsSchema } from "../../plan/options.ts";
import { channelCount, DataAvailabilityWorkload } from "./driver.ts";

/** Messages per block of a channel whose next message must wait until the last is seen in a block. */
const UNPREDICTABLE_PER_BLOCK = 0.3;

/** Inscriptions and blobs on channels, at a rate per block. */
export const dataAvailability: WorkloadFactory = {
  kind: "data-availability",

  describe(piece, plan, forecast) {
    const options = optionsOf(piece);
    const count = Math.ceil(
      (forecast.driveSlots * plan.consensus.slotMs * options.blobRate) / forecast.blockIntervalMs,
    );
    const headroom = channelCount(options) - options.channels;
    return [
      `${options.channels} channels and ${headroom} for headroom, ${options.blobRate} blobs of ${options.blobSize} bytes per block ` +
        `over all of them, about ${count} in all`,
    ];
  },

  needs: () => [],
  object: objections,
  expectations: () => [{ kind: "data-availability", name: "data-availability", options: {} }],
  create: (piece) => new DataAvailabilityWorkload(piece.name, optionsOf(piece)),
};

function optionsOf(piece: PlannedPiece): DataAvailabilityOptions {
  return v.parse(DataAvailabilityOptionsSchema, piece.options);
}

function objections(
  piece: PlannedPiece,
  plan: Plan,
  forecast: Forecast,
  nodeKind: { predictableMessageIds: boolean },
): readonly Objection[] {
  const options = optionsOf(piece);
  const { blobRate, blobSize, pipeline } = options;
  const found: Objection[] = [];
  if (!plan.topology.nodes.some(({ role }) => role === "executor")) {
    found.push(
      impossible(
        "channels",
        "blobs need an executor to disperse them, and the plan has none",
        "Add .executors(1) or more.",
      ),
    );
  }
  const perChannel = nodeKind.predictableMessageIds ? pipeline : UNPREDICTABLE_PER_BLOCK;
  const count = channelCount(options);
  if (blobRate > count * perChannel) {
    const why = nodeKind.predictableMessageIds
      ? `with ${pipeline} messages under way each carries up to ${pipeline} per block`
      : `on this kind of node, where each message must be seen in the chain before the next, each carries about ${perChannel} per block`;
    found.push(
      impossible(
        "blobRate",
        `${blobRate} blobs per block are more than ${count} channels carry: ${why}, together ${round(count * perChannel)}`,
        `Use ${channelsFor(options, perChannel)} channels or more, or a blob rate of at most ${round(count * perChannel)}.`,
      ),
    );
  }
  if (blobSize > MAX_BLOB_BYTES) {
    found.push(
      impossible(
        "blobSize",
        `a blob of ${blobSize} bytes does not fit into a request to a node`,
        `Use at most ${MAX_BLOB_BYTES} bytes.`,
      ),
    );
  }
  if (plan.durationMs < forecast.blockIntervalMs / blobRate) {
    found.push(
      impossible(
        "blobRate",
        `at ${blobRate} blobs per block the first two are ${round(forecast.blockIntervalMs / blobRate / 1_000)}s apart, longer than the run`,
        "Use a higher rate or a longer run.",
      ),
    );
  }
  return found;
}

/** The smallest number of channels to ask for that, with its headroom, carries the blob rate. */
function channelsFor(options: DataAvailabilityOptions, perChannel: number): number {
  const share = 1 + options.headroomPercent / 100;
  let channels = Math.max(options.channels, Math.floor(options.blobRate / perChannel / share) - 1);
  while (channelCount({ ...options, channels }) * perChannel < options.blobRate) channels++;
  return channels;
}

function impossible(path: string, message: string, hint: string): Objection {
  return { code: "NR-PLAN-IMPOSSIBLE", path, message, hint };
}

/** Two digits after the point, downwards, so that a limit that is quoted is within it. */
function round(value: number): number {
  return Math.floor(value * 100 + 1e-6) / 100;
}
