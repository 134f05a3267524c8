/**
 * @typedef {object} Target
 * @property {string} name as `--all` names its output: `linux-x64`
 * @property {string} platform as Node names it
 * @property {string} arch as Node names it
 * @property {string} strip the strip(1) that knows its executables
 * @property {boolean} isHost whether it is the machine that builds
 */

/** @returns {Target} the machine that builds */
export function hostTarget() {
  const { platform, arch } = process;
  return { name: `${platform}-${arch}`, platform, arch, strip: "strip", isHost: true };
}
