import type { Cluster, NodeControl } from "../model/cluster.ts";
import type { EventSink } from "../model/events.ts";

/** The cluster with every change of links, clocks and pauses on record: judgements must know what the network was under. */
export function recordedCluster(cluster: Cluster, events: EventSink): Cluster {
  const { control } = cluster;
  const names = () => cluster.nodes().map(({ planned }) => planned.name);
  const offsets = new Set<string>();
  const paused = new Set<string>();
  let linked = false;
  const goesOn = (name: string) => {
    if (paused.delete(name)) events.emit("node.paused", { node: name, paused: false });
  };
  const cleared = () => {
    if (linked) events.emit("links.set", { conditions: [] });
    linked = false;
  };
  const recorded: NodeControl = {
    async restart(name, signal) {
      await control.restart(name, signal);
      goesOn(name);
    },
    async stop(name, signal) {
      await control.stop(name, signal);
      goesOn(name);
    },
    start: (name, signal) => control.start(name, signal),
    async kill(name, signal) {
      await control.kill(name, signal);
      goesOn(name);
    },
    wipe: (name, signal) => control.wipe(name, signal),
    async pause(name, signal) {
      await control.pause(name, signal);
      paused.add(name);
      events.emit("node.paused", { node: name, paused: true });
    },
    async resume(name, signal) {
      await control.resume(name, signal);
      goesOn(name);
    },
    async setLinks(conditions, signal) {
      // What holds from the call's beginning is on record before it, so that no moment of it is taken for a clear one.
      if (conditions.length > 0) events.emit("links.set", { conditions: [...conditions] });
      linked ||= conditions.length > 0;
      await control.setLinks(conditions, signal);
      if (conditions.length === 0) cleared();
    },
    async setClockOffset(name, offsetMs, signal) {
      await control.setClockOffset(name, offsetMs, signal);
      if (offsetMs === 0) offsets.delete(name);
      else offsets.add(name);
      events.emit("node.clock", { node: name, offsetMs });
    },
    async release(signal) {
      await control.release(signal);
      for (const name of names()) {
        goesOn(name);
        if (offsets.delete(name)) events.emit("node.clock", { node: name, offsetMs: 0 });
      }
      cleared();
    },
  };
  return {
    control: recorded,
    nodes: () => cluster.nodes(),
    node: (name) => cluster.node(name),
    running: () => cluster.running(),
    onEnd: (listener) => cluster.onEnd(listener),
    observe: (name) => cluster.observe(name),
    ...(cluster.filtered ? { filtered: cluster.filtered.bind(cluster) } : {}),
    ...(cluster.hasState ? { hasState: cluster.hasState.bind(cluster) } : {}),
    ...(cluster.log ? { log: cluster.log.bind(cluster) } : {}),
    ...(cluster.usage ? { usage: cluster.usage.bind(cluster) } : {}),
  };
}
