import { CodedError } from "../errors.ts";

/**
 * The value itself when it is a probability. A NaN would turn every comparison false and a test into one that always
 * passes, so it stops here.
 * @throws CodedError NR-CORE-INTERNAL when it is not in [0, 1].
 */
export function probability(value: number, what: string): number {
  if (value >= 0 && value <= 1) return value;
  throw new CodedError("NR-CORE-INTERNAL", `${what} is ${value}, which is not a probability`);
}
