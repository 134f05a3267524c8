import { spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";

/**
 * Carries requests to an engine on another machine as Docker's own client does: `ssh HOST docker system dial-stdio`, so
 * that keys, jump hosts and known hosts are those of the user's ssh.
 */
export function sshAgent(url: string): Agent {
  const { hostname, port, username } = new URL(url);
  const target = username === "" ? hostname : `${decodeURIComponent(username)}@${hostname}`;
  const args = [
    ...(port === "" ? [] : ["-p", port]),
    "-o",
    "BatchMode=yes",
    "--",
    target,
    "docker",
    "system",
    "dial-stdio",
  ];
  return new SshAgent(args);
}

class SshAgent extends Agent {
  readonly #args: readonly string[];

  constructor(args: readonly string[]) {
    super({ keepAlive: true, maxSockets: 16 });
    this.#args = args;
  }

  override createConnection(): Duplex {
    return dialled(this.#args);
  }
}

/** The two pipes of an ssh as one connection. */
function dialled(args: readonly string[]): Duplex {
  const child = spawn("ssh", args, { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2_000);
  });
  const connection = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.once("error", (error) => connection.destroy(error));
  child.once("close", (code) => {
    if (code) connection.destroy(new Error(`ssh ended with ${code}: ${said.trim()}`));
  });
  connection.once("close", () => child.kill());
  // What Node's HTTP client asks of a socket and pipes have no use for.
  return Object.assign(connection, {
    setTimeout: () => connection,
    setNoDelay: () => connection,
    setKeepAlive: () => connection,
    ref: () => connection,
    unref: () => connection,
  });
}
