import { channelsFor, channelsOpened, messagesPerChannel, sustainableBlobRate } from "../capacity.ts";
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
export function checkBlobRate(path: string, options: DataAvailabilityOptions, predictableIds: boolean): Finding[] {
  const sustainable = sustainableBlobRate(options, predictableIds);
  if (options.blobRate <= sustainable) return [];
  const opened = channelsOpened(options);
  const each = messagesPerChannel(options.pipeline, predictableIds);
  return [
    {
      code: "NR-PLAN-BLOB-RATE",
      path: `${path}.options.blobRate`,
      message:
        `${figure(options.blobRate)} blobs per block are more than ${opened} channels can carry: ` +
        `each carries ${figure(each)} a block, which allows ${figure(sustainable)}`,
      hint: `Use channelRate(${channelsFor(options, predictableIds)}), or blobRate(${figure(sustainable)}).`,
    },
  ];
}
