import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { Random } from "../random.ts";

/** A call that has no answer by then was lost without an error: longer than all that may be waited for one after the other. Milliseconds. */
const LONGEST_CALL_MS = 45_000;

/** Between two calls of an agent. Milliseconds. */
const PAUSE = [200, 900] as const;

const CLIENT = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "agent", version: "1" } };

interface Answer {
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: { readonly isError?: boolean; readonly content?: readonly { readonly text?: string }[] };
  readonly error?: { readonly message?: string };
}

/** What became of an agent's calls. */
export interface Calls {
  answered: number;
  /** With an error that says why. */
  told: number;
  /** No answer, and no error. */
  lost: number;
  /** Milliseconds that the slowest one took. */
  slowest: number;
}

/** A program that calls tools of an MCP server which it has started with a command; it reads each answer and checks that it is its own. */
export class Agent {
  readonly calls: Calls = { answered: 0, told: 0, lost: 0, slowest: 0 };
  /** What the errors said, and how often. */
  readonly errors = new Map<string, number>();
  /** Notifications that came. */
  readonly heard: string[] = [];
  /** Told of each text for people: of errors, and what came on stderr. */
  onText: (text: string) => void = () => {};
  readonly #stdin: Writable;
  readonly #waiting = new Map<unknown, (answer: Answer) => void>();
  #count = 0;

  constructor(t: TestContext, args: readonly string[], env: Record<string, string>) {
    const child = spawn(process.execPath, args, { env: { PATH: process.env.PATH ?? "", ...env } });
    t.after(() => child.kill("SIGKILL"));
    const { stdin, stdout, stderr } = child as { stdin: Writable; stdout: Readable; stderr: Readable };
    this.#stdin = stdin.on("error", () => {});
    createInterface({ input: stderr }).on("line", (line) => this.onText(line));
    createInterface({ input: stdout }).on("line", (line) => {
      const answer: Answer = JSON.parse(line);
      if (answer.method !== undefined) this.heard.push(answer.method);
      this.#waiting.get(answer.id)?.(answer);
    });
  }

  #send(message: object): void {
    this.#stdin.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  async #request(method: string, params: object, longest: number): Promise<Answer | undefined> {
    this.#count += 1;
    const id = this.#count;
    const answer = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#send({ id, method, params });
    const over = new AbortController();
    const first = await Promise.race([
      answer,
      setTimeout(longest, undefined, { signal: over.signal }).catch(() => undefined),
    ]);
    over.abort();
    this.#waiting.delete(id);
    return first;
  }

  async begin(longest = LONGEST_CALL_MS): Promise<void> {
    const answer = await this.#request("initialize", CLIENT, longest);
    assert.ok(answer?.result, `initialize was answered with ${JSON.stringify(answer)}`);
    this.#send({ method: "notifications/initialized" });
  }

  /** Milliseconds until its list was answered. */
  async list(longest = LONGEST_CALL_MS): Promise<number> {
    const from = performance.now();
    const answer = await this.#request("tools/list", {}, longest);
    assert.ok(answer, "a list got neither an answer nor an error");
    return Math.round(performance.now() - from);
  }

  /** Whether a call of the tool that answers what it is told was answered. */
  async call(name = "echo", longest = LONGEST_CALL_MS): Promise<boolean> {
    const word = `${this.#count}-${performance.now()}`;
    const from = performance.now();
    const answer = await this.#request("tools/call", { name, arguments: { word } }, longest);
    this.calls.slowest = Math.max(this.calls.slowest, Math.round(performance.now() - from));
    const text = answer?.result?.content?.[0]?.text ?? answer?.error?.message ?? "";
    if (!answer) this.calls.lost += 1;
    else if (answer.error || answer.result?.isError) this.#note(text);
    else {
      assert.equal(text, JSON.stringify({ word }), "an answer to another call");
      this.calls.answered += 1;
      return true;
    }
    return false;
  }

  #note(text: string): void {
    assert.notEqual(text, "", "an error that says nothing");
    this.calls.told += 1;
    const kind = text.replaceAll(/https?:\/\/\S+|\b[A-Z0-9]{4}-[A-Z0-9]{4}\b|\(.*?\)/g, "…").slice(0, 90);
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1);
    this.onText(text);
  }

  /** One call after the other for as long as that. */
  async work(random: Random, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await this.call();
      await setTimeout(random.between(...PAUSE));
    }
  }
}

/** Of all of them together. */
export function callsOf(agents: readonly Agent[]): Calls {
  const of = (which: keyof Calls) => agents.map(({ calls }) => calls[which]);
  const sum = (which: keyof Calls) => of(which).reduce((all, one) => all + one, 0);
  return { answered: sum("answered"), told: sum("told"), lost: sum("lost"), slowest: Math.max(...of("slowest")) };
}

/** What their errors said, and how often. */
export function errorsOf(agents: readonly Agent[]): string {
  const all = new Map<string, number>();
  for (const { errors } of agents) for (const [text, count] of errors) all.set(text, (all.get(text) ?? 0) + count);
  return JSON.stringify(Object.fromEntries(all));
}
