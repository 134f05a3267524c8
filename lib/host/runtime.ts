/** What differs between the JavaScript runtimes that can run this program from its sources. */
export interface Runtime {
  readonly name: "Node" | "Deno";
  readonly version: string;
  /** The runtime's own arguments, in front of the path of the program that it is to run. */
  readonly startArguments: readonly string[];
  /** Whether it maps places in code without a source map by what it would have compiled of the file itself. */
  readonly mapsByPath: boolean;
}

const node: Runtime = {
  name: "Node",
  version: process.versions.node,
  startArguments: ["--disable-warning=ExperimentalWarning"],
  mapsByPath: false,
};

const deno = (version: string): Runtime => ({
  name: "Deno",
  version,
  // Deno can't say with which permissions it was started, and none can be asked for where there is no terminal.
  startArguments: ["run", "--allow-all", "--quiet"],
  mapsByPath: true,
});

/** The runtime of this process. Deno calls itself a version of Node too. */
export const RUNTIME: Runtime = process.versions["deno"] === undefined ? node : deno(process.versions["deno"]);
