import { execFileSync } from "node:child_process";
import process from "node:process";
import { createComposeDeployer } from "../../lib/deployers/compose/compose.ts";
import { conformance } from "../backends/conformance.ts";
import { listenAt, openTransport, startOn } from "../backends/start-on.ts";

conformance({
  name: "compose",
  start: (plan) => startOn(createComposeDeployer({ env: process.env, openTransport }), plan),

  async crash(node) {
    execFileSync("docker", ["kill", node.handle.replace("container ", "")]);
  },

  takePort: (cluster, node) => listenAt(cluster.node(node).bound),

  portTaken: ({ planned, bound }) => ({
    code: "NR-DOCKER-PORT",
    text: new RegExp(`${planned.name} can't start: 127.0.0.1:${bound.reach?.apiPort}, held by pid \\d+ \\(`),
  }),
});
