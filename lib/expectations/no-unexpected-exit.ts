import type { ExpectationFactory } from "../model/expectation.ts";
import { atTime, counted, listed, names, undecided } from "./findings.ts";

/** No node ended unless a call of ours ended it. The whole stream counts, not only the judged window. */
export const noUnexpectedExit: ExpectationFactory = {
  kind: "no-unexpected-exit",

  figures: () => ["starts", "ends", "unexpected"],
  describe: () => ["no node ends unless a fault of the plan ends it"],
  object: () => [],

  create: (piece) => ({
    name: piece.name,
    judge({ events }) {
      const starts = events.filter((event) => event.type === "node.started").length;
      if (starts === 0) return undecided("nothing to judge: the stream shows no start of a node");
      const ends = events.filter((event) => event.type === "node.ended");
      const unexpected = ends.filter(({ expected }) => !expected);
      const nodes = [...new Set(unexpected.map(({ node }) => node))];
      return {
        outcome: unexpected.length === 0 ? "passed" : "failed",
        summary:
          unexpected.length === 0
            ? `${counted(starts, "start")}, ${counted(ends.length, "end")}, every one of them ours`
            : `${names(nodes)} ended without a fault of ours`,
        figures: { starts, ends: ends.length, unexpected: unexpected.length },
        limits: { unexpected: 0 },
        findings: listed(
          unexpected.map(({ node, start, t, why }) => `${node}, start ${start}, ended ${atTime(t)}: ${why}`),
        ),
      };
    },
  }),
};
