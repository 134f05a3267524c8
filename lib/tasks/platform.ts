import { open } from "node:fs/promises";

/** A system and processor, as releases of circuits name them. */
export type Platform = (typeof PLATFORMS)[number];
export const PLATFORMS = ["linux-x86_64", "linux-aarch64", "macos-x86_64", "macos-aarch64"] as const;

/** This machine's, or null when nothing is released for it. */
export function hostPlatform(): Platform | null {
  const os = process.platform === "darwin" ? "macos" : process.platform;
  const processor = { x64: "x86_64", arm64: "aarch64" }[process.arch as string];
  return PLATFORMS.find((platform) => platform === `${os}-${processor}`) ?? null;
}

/** What is wrong with a platform's name; undefined when nothing is. */
export function checkPlatform(value: string): string | undefined {
  return (PLATFORMS as readonly string[]).includes(value) ? undefined : `is none of ${PLATFORMS.join(", ")}`;
}

/** ELF's e_machine (System V gABI) and Mach-O's cputype (mach/machine.h), by processor. */
const MACHINES: Readonly<Record<string, string>> = { 62: "x86_64", 183: "aarch64" };
const CPU_TYPES: Readonly<Record<string, string>> = { 0x01000007: "x86_64", 0x0100000c: "aarch64" };

/** What a program is made for, by its first bytes; null for a script or anything else. */
export async function programPlatform(path: string): Promise<string | null> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(20);
    await file.read(head, 0, head.length, 0);
    if (head.readUInt32BE(0) === 0x7f454c46) return `linux-${MACHINES[head.readUInt16LE(18)] ?? "other"}`;
    if (head.readUInt32LE(0) === 0xfeedfacf) return `macos-${CPU_TYPES[head.readUInt32LE(4)] ?? "other"}`;
    return null;
  } finally {
    await file.close();
  }
}
