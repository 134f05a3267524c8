import type { ErrorCode } from "../../core/error-codes.ts";
import type { Consensus } from "../../model/node-kind.ts";
import type { Json, NodeLimits, Observability } from "../../model/plan.ts";
import type { Task } from "../../model/task.ts";
import type { CustomNodeKind } from "../custom-node-kind.ts";
import { type Finding, type Problem, RefusedPlan } from "../problem.ts";
import { shown } from "../shown.ts";
import type { CustomExpectation, CustomWorkload, WrittenDocument, WrittenPiece, WrittenPlan } from "../written.ts";
import { writtenPlan } from "../written.ts";
import type { Read } from "./read.ts";

/** The written document while calls still change it. */
export interface DraftDocument {
  name: string;
  seed: string | null;
  durationMs: number | null;
  topology: {
    layout: WrittenDocument["topology"]["layout"];
    validators: number;
    executors: number;
    stakes: Record<number, number>;
    configPatches: Record<number, Json>;
    limits: NodeLimits;
  };
  consensus: { -readonly [K in keyof Consensus]?: Consensus[K] };
  wallets: { count: number; totalFunds: number };
  nodeControl: boolean;
  observability: Observability;
  workloads: DraftPiece[];
  expectations: DraftPiece[];
  setup: { task: string; options: Record<string, string> }[];
  without: string[];
}

export interface DraftPiece extends WrittenPiece {
  options: Record<string, Json>;
}

/** Where a call was made; undefined when the engine doesn't tell. */
export type Site = string | undefined;

/**
 * What the builders of one scenario fill in together: the document, who wrote what, and what was wrong with calls.
 * A refused value leaves the document as it was, and its path is remembered so that nothing is concluded from it.
 */
export class Draft {
  readonly document: DraftDocument;
  readonly customWorkloads = new Map<string, CustomWorkload>();
  readonly customExpectations = new Map<string, CustomExpectation>();
  readonly customTasks = new Map<string, Task>();
  customNodeKind: CustomNodeKind | undefined;
  readonly #sites = new Map<string, string>();
  readonly #problems: Problem[] = [];
  readonly #refused = new Set<string>();

  constructor(name: string) {
    this.document = {
      name,
      seed: null,
      durationMs: null,
      topology: { layout: "star", validators: 0, executors: 0, stakes: {}, configPatches: {}, limits: {} },
      consensus: {},
      wallets: { count: 0, totalFunds: 0 },
      nodeControl: false,
      observability: {},
      workloads: [],
      expectations: [],
      setup: [],
      without: [],
    };
  }

  /** Remembers who wrote the part at `path`. */
  wrote(path: string, at: Site): void {
    if (at === undefined) this.#sites.delete(path);
    else this.#sites.set(path, at);
  }

  /** Uses a value that was read from a call's argument, or puts down why it can't be. */
  take<T>(path: string, at: Site, read: Read<T>, use: (value: T) => void): void {
    if ("refusal" in read) {
      const { code, message, hint } = read.refusal;
      this.refuse(path, at, code, message, hint);
      return;
    }
    this.#refused.delete(path);
    this.wrote(path, at);
    use(read.value);
  }

  /** Puts down a problem of a call. */
  refuse(path: string, at: Site, code: ErrorCode, message: string, hint: string): void {
    this.#refused.add(path);
    this.#problems.push({ code, message, hint, ...(at !== undefined && { at }) });
  }

  /** Whether the value at one of these paths, or of a part of it, was refused. */
  anyRefused(paths: readonly string[]): boolean {
    return paths.some((path) =>
      [...this.#refused].some((refused) => refused === path || refused.startsWith(`${path}.`)),
    );
  }

  siteOf(path: string): Site {
    for (let part = path; part !== ""; part = part.slice(0, Math.max(0, part.lastIndexOf(".")))) {
      const at = this.#sites.get(part);
      if (at !== undefined) return at;
    }
    return this.#sites.get("");
  }

  /** @throws RefusedPlan with the calls' problems and these findings. */
  finish(findings: readonly Finding[]): WrittenPlan {
    const found = findings.map(({ path, ...finding }) => {
      const at = this.siteOf(path);
      return at === undefined ? finding : { ...finding, at };
    });
    const problems = [...this.#problems, ...found].sort(byPlace);
    const written = writtenPlan({
      document: structuredClone(this.document),
      sites: new Map(this.#sites),
      customs: {
        workloads: new Map(this.customWorkloads),
        expectations: new Map(this.customExpectations),
        tasks: new Map(this.customTasks),
        nodeKind: this.customNodeKind,
      },
    });
    if (problems.length === 0) return written;
    // The scenario's own call is the site of everything, and its name is what can be wrong with it.
    const wrong = [...[...this.#refused].map((path) => path || "name"), ...findings.map(({ path }) => path)];
    throw new RefusedPlan(`the plan ${shown(this.document.name)}`, problems, { written, wrong });
  }
}

/** From the top of a file to its bottom; of one line, in the order they were found. */
function byPlace(a: Problem, b: Problem): number {
  const [fileA, lineA] = placeOf(a);
  const [fileB, lineB] = placeOf(b);
  if (fileA !== fileB) return fileA < fileB ? -1 : 1;
  return lineA - lineB;
}

function placeOf({ at = "" }: Problem): [file: string, line: number] {
  const colon = at.lastIndexOf(":");
  return [at.slice(0, colon), Number(at.slice(colon + 1))];
}
