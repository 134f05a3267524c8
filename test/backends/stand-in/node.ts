/**
 * The smallest program that a backend can run as a node: it listens on its three ports, answers GET with how often it
 * was started, and ends on SIGTERM unless it was told to be stubborn. `node node.ts CONFIG`.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import process from "node:process";

const { host, ports, stubborn } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as {
  host: string;
  ports: number[];
  stubborn: boolean;
};
appendFileSync("starts", "x");
const starts = readFileSync("starts", "utf8").length;

process.on("SIGTERM", () => {
  console.log(stubborn ? "ignored SIGTERM" : "ended in order");
  if (!stubborn) process.exit(0);
});
for (const port of ports) {
  createServer((_, response) => response.end(String(starts)))
    .on("error", (error) => {
      console.log(`NR-NODE-PORT ${error.message}`);
      process.exit(3);
    })
    .listen(port, host);
}
console.log(`start ${starts}`);
