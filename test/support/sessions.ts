import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Coatcheck, CoatcheckOptions } from "./coatcheck.ts";
import { configure, type Pair, startPair } from "./misbehaving.ts";
import { ROOT_TOKEN } from "./request.ts";

export interface SessionAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** One request of the session API; `bearer` is a session id or a token. */
export async function ask(
  coatcheck: Pick<Coatcheck, "running">,
  method: string,
  path: string,
  options: { readonly bearer?: string; readonly body?: unknown; readonly signal?: AbortSignal } = {},
): Promise<SessionAnswer> {
  const { bearer, body, signal } = options;
  const response = await fetch(`${coatcheck.running.address}${path}`, {
    method,
    headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
}

/** A broker and a misbehaving server that gives sessions to anybody; `more` goes into the server record. */
export async function startSessions(
  t: TestContext,
  more: Record<string, unknown> = {},
  options: CoatcheckOptions = {},
): Promise<Pair> {
  const pair = await startPair(t, options);
  await configure(pair, pair.as, { allow_sessions: true, ...more });
  return pair;
}

export interface Program {
  readonly secret: string;
  readonly started: Record<string, unknown>;
  get(path?: string): Promise<SessionAnswer>;
}

/** A program that has begun a login. */
export async function begin(pair: Pair, more: Record<string, unknown> = {}): Promise<Program> {
  const { status, body } = await ask(pair, "POST", "/sessions", { body: { server: "as", ...more } });
  assert.equal(status, 201, JSON.stringify(body));
  const secret = String(body.session_id);
  return { secret, started: body, get: (path = "") => ask(pair, "GET", `/session${path}`, { bearer: secret }) };
}

/** A program whose person has approved. */
export async function beginActive(pair: Pair, more: Record<string, unknown> = {}): Promise<Program> {
  const before = pair.as.tokens.approved;
  pair.as.tokens.approved = true;
  const program = await begin(pair, more);
  await pair.pass(6_000);
  pair.as.tokens.approved = before;
  assert.equal((await program.get()).body.status, "active");
  return program;
}

export const OPERATOR = { bearer: ROOT_TOKEN };
