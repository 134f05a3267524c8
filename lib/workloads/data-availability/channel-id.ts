import { blake2b256 } from "../../chain/blake2b.ts";
import type { ChannelId } from "../../chain/types.ts";
import { bytesToHex, concatBytes } from "../../core/bytes.ts";

const text = new TextEncoder();

/**
 * Id of a workload's channel `index`: `chn_wrkd`, 16 bytes for the workload, the index as a big-endian u64. The 16 bytes
 * are zeros for the workload that is called by its kind's name, as in the original framework, and the beginning of the
 * name's BLAKE2b-256 for others, so that no two workloads share a channel.
 */
export function channelIdOf(workload: string, index: number): ChannelId {
  const place = new Uint8Array(8);
  new DataView(place.buffer).setBigUint64(0, BigInt(index));
  const owner = workload === "data-availability" ? new Uint8Array(16) : blake2b256(text.encode(workload)).slice(0, 16);
  return bytesToHex(concatBytes(text.encode("chn_wrkd"), owner, place));
}
