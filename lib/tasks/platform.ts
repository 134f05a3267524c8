import { open } from "node:fs/promises";
import { linuxProgram } from "../host/elf.ts";

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

/** Mach-O's cputype (mach/machine.h), by processor. */
const CPU_TYPES: Readonly<Record<string, string>> = { 0x01000007: "x86_64", 0x0100000c: "aarch64" };

/** What a program is made for, by its first bytes; null for a script or anything else. */
export async function programPlatform(path: string): Promise<string | null> {
  const linux = await linuxProgram(path);
  if (linux) return `linux-${linux.processor}`;
  const file = await open(path);
  try {
    const head = Buffer.alloc(8);
    await file.read(head, 0, head.length, 0);
    return head.readUInt32LE(0) === 0xfeedfacf ? `macos-${CPU_TYPES[head.readUInt32LE(4)] ?? "other"}` : null;
  } finally {
    await file.close();
  }
}
