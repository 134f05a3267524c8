/** Most nodes of one network: each local one has an address of its own in a range of 65,536. */
export const MAX_NODES = 65_000;
/** Most wallets of one genesis. */
export const MAX_WALLETS = 1_000_000;
/** Tokens that `wallets(n)` gives each wallet, as the original does. */
export const DEFAULT_FUNDS_PER_WALLET = 100;
/** Value of a node's leader note, as the original has it. */
export const DEFAULT_STAKE = 1_000;
/** Length of a run that names none. */
export const DEFAULT_RUN_MS = 60_000;
/** A run is never shorter than this: the original's smallest window. */
export const MIN_RUN_SLOTS = 2;

/** Letters, digits, dot, dash and underscore: fit for file names, labels and paths of `--set`. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
export const NAME_RULE = "1 to 63 letters, digits, dashes and underscores, a letter or digit first";
/** Most links between peers: a full mesh of 1,000 nodes. */
export const MAX_LINKS = 500_000;
/** Most slots of a judged window, 55 hours of 2 s slots: limits for it are computed exactly, slot by slot. */
export const MAX_WINDOW_SLOTS = 100_000;
/** Rarest block that can be planned with. */
export const MIN_OCCUPANCY = 0.001;
