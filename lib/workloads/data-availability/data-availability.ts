import * as v from "valibot";
import { MAX_BLOB_BYTES } from "../../chain/blob.ts";
import { formatDuration } from "../../core/duration.ts";
import type { Plan, PlannedPiece } from "../../model/plan.ts";
import type { Forecast, Objection, WorkloadFactory } from "../../model/workload.ts";
import { channelsOpened } from "../../plan/capacity.ts";
import { type DataAvailabilityOptions, DataAvailabilityOptionsSchema } from "../../plan/options.ts";
import { DataAvailabilityWorkload } from "./driver.ts";

/** Inscriptions and blobs on channels, at a rate per block. */
export const dataAvailability: WorkloadFactory = {
  kind: "data-availability",

  describe(piece, plan, forecast) {
    const options = optionsOf(piece);
    const count = Math.ceil((plan.durationMs * options.blobRate) / forecast.blockIntervalMs);
    const headroom = channelsOpened(options) - options.channels;
    return [
      `${channelsOpened(options)} channels (${headroom} of them headroom), ${options.blobRate} blobs of ${options.blobSize} bytes per block ` +
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

/** Whether the channels carry the rate was checked before; here is what depends on the chain. */
function objections(piece: PlannedPiece, plan: Plan, { blockIntervalMs }: Forecast): readonly Objection[] {
  const { blobRate, blobSize } = optionsOf(piece);
  const found: Objection[] = [];
  if (blobSize > MAX_BLOB_BYTES) {
    found.push({
      code: "NR-PLAN-IMPOSSIBLE",
      path: "options.blobSize",
      message: `a blob of ${blobSize} bytes does not fit into a request to a node`,
      hint: `Use at most ${MAX_BLOB_BYTES} bytes.`,
    });
  }
  if (plan.durationMs < blockIntervalMs / blobRate) {
    found.push({
      code: "NR-PLAN-IMPOSSIBLE",
      path: "options.blobRate",
      message: `at ${blobRate} blobs per block the second comes after ${formatDuration(blockIntervalMs / blobRate)}, and the run drives for ${formatDuration(plan.durationMs)}`,
      hint: "Use a higher rate, or a longer withRunDuration.",
    });
  }
  return found;
}
