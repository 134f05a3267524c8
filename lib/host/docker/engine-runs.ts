import type { Engine } from "./engine.ts";
import { FROM_LABEL, NODE_LABEL, RUN_LABEL } from "./labels.ts";
import type { EngineThing } from "./things.ts";

/** A container or network of a run, as an engine lists it. */
export interface ListedThing extends EngineThing {
  readonly name: string;
  /** The node that it is; absent for what is none. */
  readonly node?: string;
  readonly paused: boolean;
}

/** A run that has something in an engine. */
export interface EngineRun {
  readonly runId: string;
  /** Name of the machine that its runner is on. */
  readonly from: string;
  readonly things: readonly ListedThing[];
}

/** Everything of a run that an engine has, by its label: containers first, as networks go only without them. */
export async function thingsOf(engine: Engine, runId: string): Promise<readonly ListedThing[]> {
  return (await labelled(engine, `${RUN_LABEL}=${runId}`)).map(({ thing }) => thing);
}

/** Every run that has something in this engine, found by labels. @throws CodedError NR-DOCKER-* */
export async function engineRuns(engine: Engine): Promise<readonly EngineRun[]> {
  const all = await labelled(engine, RUN_LABEL);
  return [...Map.groupBy(all, ({ labels }) => labels[RUN_LABEL] ?? "")].map(([runId, listed]) => ({
    runId,
    from: listed.find(({ labels }) => labels[FROM_LABEL] !== undefined)?.labels[FROM_LABEL] ?? "",
    things: listed.map(({ thing }) => thing),
  }));
}

interface Labelled {
  readonly thing: ListedThing;
  readonly labels: Readonly<Record<string, string>>;
}

async function labelled(engine: Engine, label: string): Promise<readonly Labelled[]> {
  const filters = { label: [label] };
  return await engine.does("list what runs have in it", async (docker) => {
    const [containers, networks, { Volumes: volumes }] = await Promise.all([
      docker.listContainers({ all: true, filters }),
      docker.listNetworks({ filters }),
      docker.listVolumes({ filters }),
    ]);
    return [
      ...containers.map(({ Id: id, Names, Labels: labels, State }) => {
        const node = labels[NODE_LABEL];
        const thing: ListedThing = {
          kind: "container",
          id,
          name: Names[0]?.slice(1) ?? id,
          paused: State === "paused",
          ...(node !== undefined && { node }),
        };
        return { thing, labels };
      }),
      ...networks.map(({ Id: id, Name: name, Labels: labels = {} }) => {
        const thing: ListedThing = { kind: "network", id, name, paused: false };
        return { thing, labels };
      }),
      ...(volumes ?? []).map(({ Name: name, Labels: labels }) => {
        const thing: ListedThing = { kind: "volume", id: name, name, paused: false };
        return { thing, labels };
      }),
    ];
  });
}
