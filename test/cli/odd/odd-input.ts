/** Something that a user might type, and everything that is said of it. */
export interface OddInput {
  /** What is wrong. */
  readonly what: string;
  /** Command line, words separated by spaces. */
  readonly line: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The whole of standard error; `DIR` stands for the working directory. */
  readonly says: string;
  /** Exit status; 64 unless the world is at fault. */
  readonly code?: number;
}
