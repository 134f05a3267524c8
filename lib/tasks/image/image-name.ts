/** Registry, path and tag: https://github.com/distribution/reference */
const NAME = /^([a-z0-9.-]+(:\d+)?\/)?[a-z0-9]+([._/-]+[a-z0-9]+)*(:\w[\w.-]{0,127})?$/;

/** What is wrong with an image's name; undefined when nothing is. */
export function checkImageName(value: string): string | undefined {
  return NAME.test(value) ? undefined : "is not an image's name, such as nomos-run-node or my/node:1";
}

/** What tells the file of an image from the name of one. */
export const ARCHIVE = /\.(tar|tar\.gz|tgz)$/;
