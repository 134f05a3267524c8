import { open } from "node:fs/promises";

/** ELF's e_machine (System V gABI), by the processor as Linux names it. */
const MACHINES: Readonly<Record<number, string>> = { 62: "x86_64", 183: "aarch64" };
/** Sizes and offsets of the 64-bit format. */
const HEADER = 64;
const PROGRAM_HEADER = 56;
const PT_INTERP = 3;

/** What a Linux program's file says of it. */
export interface LinuxProgram {
  /** `x86_64`, `aarch64`, or `other`. */
  readonly processor: string;
  /** Whether C libraries are loaded with it. */
  readonly dynamic: boolean;
}

/** Reads the beginning of a 64-bit little-endian ELF file; null for any other file. */
export async function linuxProgram(path: string): Promise<LinuxProgram | null> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(HEADER);
    const { bytesRead } = await file.read(header, 0, HEADER, 0);
    if (bytesRead < HEADER || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) return null;
    const programs = Buffer.alloc(header.readUInt16LE(56) * PROGRAM_HEADER);
    await file.read(programs, 0, programs.length, Number(header.readBigUInt64LE(32)));
    const types = Array.from({ length: programs.length / PROGRAM_HEADER }, (_, i) =>
      programs.readUInt32LE(i * PROGRAM_HEADER),
    );
    return { processor: MACHINES[header.readUInt16LE(18)] ?? "other", dynamic: types.includes(PT_INTERP) };
  } finally {
    await file.close();
  }
}
