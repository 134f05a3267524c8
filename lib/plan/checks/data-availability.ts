import { type CarryingChain, channelsFor, sustainableBlobRate } from "../blob-capacity.ts";
import { channelsOpened } from "../capacity.ts";
import { figure } from "../figure.ts";
import type { DataAvailabilityOptions } from "../options.ts";
import type { Finding } from "../problem.ts";

/** Whether somebody can disperse blobs. */
export function checkExecutors(path: string, executors: number): Finding[] {
  if (executors > 0) return [];
  return [
    {
      code: "NR-PLAN-NO-EXECUTOR",
      path,
      message: "blobs are dispersed by executors, and the network has none",
      hint: "Call executors(1) in topologyWith.",
    },
  ];
}

/** Whether the channels can carry the blobs, which depends on the node kind. */
export function checkBlobRate(path: string, options: DataAvailabilityOptions, chain: CarryingChain): Finding[] {
  const sustainable = sustainableBlobRate(options, chain);
  if (options.blobRate <= sustainable) return [];
  const opened = channelsOpened(options);
  return [
    {
      code: "NR-PLAN-BLOB-RATE",
      path: `${path}.options.blobRate`,
      message:
        `${figure(options.blobRate)} blobs per block are more than ${opened} channels can carry: ` +
        (chain.predictableIds
          ? `at most ${options.pipeline} messages of each may wait for a block, which allows ${figure(sustainable)} over ${chain.slots} slots`
          : `each carries 0.3 a block, which allows ${figure(sustainable)}`),
      hint: `Use channelRate(${channelsFor(options, chain)}), or blobRate(${figure(sustainable)}).`,
    },
  ];
}
