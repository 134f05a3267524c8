/**
 * The smallest program that a backend can run as a node: it listens on its three ports, answers GET with how often it
 * was started, and ends on SIGTERM unless it was told to be stubborn. POST has it take memory without end, and `/bulk` is a long answer. `node node.ts CONFIG`.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import process from "node:process";

/** More than gets across a narrow line while anybody looks. */
const BULK_BYTES = 20_000_000;

const { host, ports, stubborn } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as {
  host: string;
  ports: number[];
  stubborn: boolean;
};
const hoard: Buffer[] = [];
appendFileSync("starts", "x");
const starts = readFileSync("starts", "utf8").length;

process.on("SIGTERM", () => {
  console.log(stubborn ? "ignored SIGTERM" : "ended in order");
  if (!stubborn) process.exit(0);
});
for (const port of ports) {
  createServer((request, response) => {
    response.end(request.url === "/bulk" ? Buffer.alloc(BULK_BYTES) : String(starts));
    if (request.method === "POST") setInterval(() => hoard.push(Buffer.alloc(2 ** 24, 1)), 1);
  })
    .on("error", (error) => {
      console.log(`NR-NODE-PORT ${error.message}`);
      process.exit(3);
    })
    .listen(port, host);
}
console.log(`start ${starts}`);
