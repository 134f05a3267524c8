/** A file that the build put into the executable, or null when this program runs from source. */
export function embeddedFile(name: string): Uint8Array | null {
  const sea = process.getBuiltinModule("node:sea");
  return sea?.isSea() ? new Uint8Array(sea.getRawAsset(name)) : null;
}
