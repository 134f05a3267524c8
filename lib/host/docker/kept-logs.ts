import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { parseArgs } from "node:util";
import { systemClock } from "../system-clock.ts";
import type { EngineAddress } from "./address.ts";
import { connectEngine, type Engine } from "./engine.ts";

/** A container whose log goes on: how many bytes of what it said are in its file. */
export interface KeptLog {
  readonly node: string;
  readonly id: string;
  readonly logged: number;
}

/** Arguments with which this program goes on with the logs of containers that stay when their runner has ended. */
export function logsArguments(
  { url, certificates }: EngineAddress,
  folder: string,
  logs: readonly KeptLog[],
): readonly string[] {
  const secure = certificates === undefined ? [] : ["--certificates", certificates];
  return [
    ...["keep-logs", "--engine", url, ...secure, "--folder", join(folder, "logs")],
    ...logs.map(({ node, id, logged }) => `${node}=${id}:${logged}`),
  ];
}

/** Appends what containers say to their logs until all of them have ended, or the engine has. */
export async function runKeptLogs(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { engine: { type: "string" }, certificates: { type: "string" }, folder: { type: "string" } },
    allowPositionals: true,
  });
  const { engine: url = "", certificates, folder = "" } = values;
  const address: EngineAddress = { url, from: "the run", ...(certificates !== undefined && { certificates }) };
  const engine = await connectEngine(address, systemClock);
  await Promise.all(
    positionals.map(async (written) => {
      const [, node = "", id = "", logged = "0"] = /^(.+)=([0-9a-f]+):(\d+)$/.exec(written) ?? [];
      await keep(engine, { node, id, logged: Number(logged) }, folder);
    }),
  );
}

async function keep(engine: Engine, { node, id, logged }: KeptLog, folder: string): Promise<void> {
  const said = await engine.does(`read the log of ${node}`, (docker) =>
    docker.getContainer(id).logs({ follow: true, stdout: true, stderr: true }),
  );
  const file = createWriteStream(join(folder, `${node}.log`), { flags: "a" });
  let known = logged;
  const rest = {
    write(chunk: Uint8Array) {
      const fresh = chunk.subarray(Math.min(known, chunk.length));
      known -= chunk.length - fresh.length;
      return fresh.length === 0 || file.write(fresh);
    },
  } as NodeJS.WritableStream;
  engine.docker.modem.demuxStream(said, rest, rest);
  await finished(said, { writable: false }).catch(() => undefined); // The engine has ended: there is nothing more.
  file.end();
  await finished(file);
}
