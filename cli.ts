import process from "node:process";

/** A fault of a node or guardian of ours (EX_SOFTWARE): not 3, with which a node says that its port is taken. */
const EXIT_FAULT = 70;

/** Runs the part of the program that the first argument names; only that part is loaded. */
async function dispatch(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  switch (command) {
    case "node": {
      const { runNode } = await import("./lib/devnet/shell/main.ts");
      const { placeCarried } = await import("./lib/host/carried-files.ts");
      placeCarried(process.env, process.cwd());
      await leanHeap();
      return runNode({
        args: rest,
        output: process.stdout,
        errors: process.stderr,
        terminate: terminationOf(process, EXIT_FAULT),
      });
    }
    case "guardian": {
      const { runGuardian } = await import("./lib/run/guardian/main.ts");
      await leanHeap();
      await runGuardian({
        args: rest,
        env: process.env,
        input: process.stdin,
        output: process.stdout,
        terminate: terminationOf(process, EXIT_FAULT),
      });
      return 0;
    }
    case "keep-logs": {
      const { runKeptLogs } = await import("./lib/host/docker/kept-logs.ts");
      await runKeptLogs(rest);
      return 0;
    }
    case "sweep-engine": {
      const { runSweep } = await import("./lib/host/docker/sweep-command.ts");
      return runSweep(rest, (line) => console.log(line));
    }
    default: {
      const { main } = await import("./lib/cli/main.ts");
      return main([...argv]);
    }
  }
}

/** For processes of which there are many. */
async function leanHeap(): Promise<void> {
  const { keepHeapLean } = await import("./lib/host/lean-heap.ts");
  keepHeapLean();
}

/** Aborts on SIGTERM or SIGINT, and on an error that nobody caught: the guardian then still removes its run. */
function terminationOf(self: typeof process, exitCode: number): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) self.on(signal, () => controller.abort(signal));
  self.on("SIGHUP", () => undefined);
  self.on("uncaughtException", (error) => {
    console.error(error);
    self.exitCode = exitCode;
    controller.abort(error);
  });
  return controller.signal;
}

dispatch(process.argv.slice(2)).then(
  (code) => process.exit(process.exitCode ?? code),
  (error: unknown) => {
    console.error(error);
    process.exit(3);
  },
);
