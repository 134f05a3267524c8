/** What `explain` says of a code. */
export interface ErrorPage {
  /** What has happened. */
  readonly means: string;
  /** What usually causes it. */
  readonly causes: string;
  /** What to do about it. */
  readonly todo: string;
}

export function page(means: string, causes: string, todo: string): ErrorPage {
  return { means, causes, todo };
}
