/**
 * A runner and its guardian in one small program, so that a hundred of them start in seconds:
 * `guardian ...` is the real guardian, `run RUN_ID FOLDER` a runner that boots, then restarts nodes for ever.
 */
import { writeFileSync } from "node:fs";
import process from "node:process";
import { startGuardian } from "../../lib/host/guardian-client.ts";
import { systemClock } from "../../lib/host/system-clock.ts";
import { runGuardian } from "../../lib/run/guardian/main.ts";

const [command, ...rest] = process.argv.slice(2);

if (command === "guardian") {
  const terminate = new AbortController();
  process.on("SIGTERM", () => terminate.abort());
  await runGuardian({
    args: rest,
    env: process.env,
    input: process.stdin,
    output: process.stdout,
    terminate: terminate.signal,
  });
} else {
  const [runId = "", folder = "", mode = "churn"] = rest;
  const guardian = await startGuardian({
    runId,
    clock: systemClock,
    logFile: `${folder}/guardian.log`,
    cwd: folder,
    self: (args) => ({ command: process.execPath, args: [process.argv[1] ?? "", ...args] }),
  });
  const outside = `${folder}-outside`;
  await guardian.removeAtEnd(outside);
  writeFileSync(outside, "something outside the run folder");
  const start = (name: string) =>
    guardian.spawn({
      name,
      // A child in the node's session, and one that leaves it.
      command: "/bin/sh",
      args: ["-c", "sleep 600 & setsid sleep 600 & sleep 600"],
      cwd: folder,
      env: { PATH: "/usr/bin:/bin" },
      logFile: `${folder}/${name}.log`,
    });
  const nodes = await Promise.all([0, 1, 2].map((i) => start(`node-${i}`)));
  console.log("booted");
  if (mode === "create-in-flight") {
    // Dies with the request on its way and the answer unread.
    void start("node-late");
    process.kill(process.pid, "SIGKILL");
  }
  if (mode === "keep") {
    await guardian.keep();
    process.exit(0);
  }
  if (mode === "stop") {
    console.log(JSON.stringify(await guardian.stop()));
    process.exit(0);
  }
  if (mode === "hold") {
    console.log((await guardian.died).code);
    process.exit(3);
  }
  for (let i = 0; ; i = (i + 1) % nodes.length) {
    const node = nodes[i];
    if (!node) break;
    await guardian.signal(node.pid, "SIGKILL");
    await node.exited;
    nodes[i] = await start(`node-${i}`);
    // Paced, or ten of these runners leave no time to anybody else.
    await systemClock.sleep(20);
  }
}
