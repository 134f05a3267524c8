import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const COMPILER = join(
  import.meta.dirname,
  `../../node_modules/@typescript/typescript-${process.platform}-${process.arch}/lib/tsc`,
);

interface Place {
  readonly line: number;
  readonly character: number;
}

/** What an editor asks TypeScript, over the language server protocol. */
export class LanguageServer {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: unknown) => void>();
  #unread = Buffer.alloc(0);
  #ready: Promise<unknown>;

  /** Starts the compiler's language server in a folder, with nothing of npm on its PATH. */
  constructor(folder: string) {
    this.#child = spawn(COMPILER, ["--lsp", "--stdio"], {
      cwd: folder,
      env: { HOME: folder, PATH: "/nowhere" },
      stdio: ["pipe", "pipe", "ignore"],
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => this.#read(chunk));
    const rootUri = pathToFileURL(folder).href;
    this.#ready = this.#ask("initialize", {
      processId: process.pid,
      rootUri,
      workspaceFolders: [{ uri: rootUri, name: "folder" }],
      capabilities: { textDocument: { hover: { contentFormat: ["plaintext"] } } },
    }).then(() => this.#tell("initialized", {}));
  }

  async open(path: string, text: string): Promise<void> {
    await this.#ready;
    const textDocument = { uri: pathToFileURL(path).href, languageId: "typescript", version: 1, text };
    this.#tell("textDocument/didOpen", { textDocument });
  }

  /** Names that an editor would offer at this place. */
  async completions(path: string, position: Place): Promise<string[]> {
    const textDocument = { uri: pathToFileURL(path).href };
    const answer = (await this.#ask("textDocument/completion", { textDocument, position })) as
      | { items: { label: string }[] }
      | { label: string }[];
    return (Array.isArray(answer) ? answer : answer.items).map(({ label }) => label);
  }

  /** What an editor shows of the name at this place. */
  async hover(path: string, position: Place): Promise<string> {
    const textDocument = { uri: pathToFileURL(path).href };
    return JSON.stringify(await this.#ask("textDocument/hover", { textDocument, position }));
  }

  async end(): Promise<void> {
    const closed = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await closed;
  }

  #ask(method: string, params: unknown): Promise<unknown> {
    const id = this.#waiting.size + 1;
    this.#send({ jsonrpc: "2.0", id, method, params });
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  #tell(method: string, params: unknown): void {
    this.#send({ jsonrpc: "2.0", method, params });
  }

  #send(message: unknown): void {
    const body = JSON.stringify(message);
    this.#child.stdin?.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    for (;;) {
      const head = this.#unread.indexOf("\r\n\r\n");
      const length = Number(/Content-Length: (\d+)/.exec(this.#unread.subarray(0, Math.max(0, head)).toString())?.[1]);
      if (head < 0 || this.#unread.length < head + 4 + length) return;
      const body = JSON.parse(this.#unread.subarray(head + 4, head + 4 + length).toString());
      this.#unread = this.#unread.subarray(head + 4 + length);
      if ("method" in body && "id" in body) this.#send({ jsonrpc: "2.0", id: body.id, result: null });
      else if ("id" in body) this.#waiting.get(body.id)?.(body.result ?? body.error);
    }
  }
}
