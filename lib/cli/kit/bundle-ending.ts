/** How the name of a packed scenario ends. */
export const BUNDLE_ENDING = ".scenario.tgz";
