import type Docker from "dockerode";

/** Bytes before each piece of what a container said; the last four of them are the piece's length. */
const FRAME_HEADER = 8;

/** What a container without a terminal has said, errors too. @param tail its last lines only */
export async function saidBy(container: Docker.Container, tail?: number): Promise<string> {
  const frames = await container.logs({ stdout: true, stderr: true, ...(tail !== undefined && { tail }) });
  const pieces: Buffer[] = [];
  for (let at = 0; at < frames.length; ) {
    const end = at + FRAME_HEADER + frames.readUInt32BE(at + FRAME_HEADER - 4);
    pieces.push(frames.subarray(at + FRAME_HEADER, end));
    at = end;
  }
  return Buffer.concat(pieces).toString();
}
