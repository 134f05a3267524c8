import type { PlannedFault } from "../../plan/faults/schedule.ts";
import type { Act } from "./act.ts";
import { clockAct } from "./acts/clock.ts";
import { linksAct } from "./acts/links.ts";
import { everyLook, joinAct, outageAct, pauseAct, restartAct, wipeAct } from "./acts/process.ts";
import type { LinkBook } from "./link-book.ts";

/** What a planned fault does to these targets. */
export function actOf({ kind, options }: PlannedFault, targets: readonly string[], book: LinkBook): Act {
  if (options === undefined || kind === "restart") return restartAll(targets);
  switch (options.kind) {
    case "stop":
    case "kill":
      return outageAct(targets, options.kind);
    case "pause":
      return pauseAct(targets);
    case "wipe":
      return wipeAct(targets);
    case "join":
      return joinAct(targets);
    case "partition":
    case "delay":
    case "loss":
    case "bandwidth":
      return linksAct(options, targets, book);
    case "clock-offset":
      return clockAct(targets, options.offsetMs);
    case "restart":
    case "rolling-restart":
      return restartAll(targets);
  }
}

function restartAll(targets: readonly string[]): Act {
  const acts = targets.map(restartAct);
  return {
    async begin(ctx) {
      await Promise.all(acts.map((act) => act.begin(ctx)));
    },
    look: (ctx) => everyLook(acts, (act) => act.look(ctx)),
    affected: () => targets,
  };
}
