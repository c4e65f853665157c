import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { empty, json } from "../../servers/faults.ts";
import type { Misbehaving } from "../../servers/misbehaving.ts";
import type { Coatcheck, CoatcheckOptions } from "../coatcheck.ts";
import { type Pair, startPair } from "../misbehaving.ts";
import type { ApiAnswer } from "../request.ts";
import { ask, type SessionAnswer } from "../sessions.ts";

export const RESOURCE_DOCUMENT = "/.well-known/oauth-protected-resource/mcp";
export const PUBLIC_URL = "https://coatcheck.example.com";

/** A broker and a misbehaving server that is an MCP server at `/mcp` and its authorization server at once. */
export interface McpPair extends Pair {
  /** A session at the server record `tools`. */
  begin(options?: Record<string, unknown>, more?: Record<string, unknown>): Promise<SessionAnswer>;
  /** An authorization link that will fill the credential `me`. */
  link(more?: Record<string, unknown>): Promise<ApiAnswer>;
}

/** Every answer a good one. */
export function beMcpServer(as: Misbehaving, metadata: Record<string, unknown> = {}): void {
  as.metadata = { code_challenge_methods_supported: ["S256"], ...metadata };
  as.reply("/mcp", empty(401));
  describeResource(as);
}

/** Its protected resource metadata. */
export function describeResource(as: Misbehaving, more: Record<string, unknown> = {}): void {
  const usual = { resource: `${as.origin}/mcp`, authorization_servers: [as.issuer] };
  as.reply(RESOURCE_DOCUMENT, json(200, { ...usual, ...more }));
}

/** Writes the server record `tools`. */
export function writeMcp(coatcheck: Coatcheck, as: Misbehaving, options: Record<string, unknown> = {}, more = {}) {
  const url = "urls" in options ? {} : { url: `${as.origin}/mcp` };
  const body = { provider: "mcp", provider_options: { ...url, ...options }, allow_sessions: true, ...more };
  return coatcheck.write("oauth2/servers/tools", body);
}

export async function startMcpPair(
  t: TestContext,
  {
    options,
    metadata,
    record,
    ...more
  }: {
    readonly options?: Record<string, unknown>;
    readonly metadata?: Record<string, unknown>;
    readonly record?: Record<string, unknown>;
  } & CoatcheckOptions = {},
): Promise<McpPair> {
  const pair = await startPair(t, { publicUrl: PUBLIC_URL, ...more });
  beMcpServer(pair.as, metadata);
  const written = await writeMcp(pair, pair.as, options, record);
  assert.ok(written.status < 300, JSON.stringify(written.body));
  return {
    ...pair,
    begin: (given = {}, rest = {}) =>
      ask(pair, "POST", "/sessions", { body: { server: "tools", options: given, ...rest } }),
    link: (rest = {}) => pair.write("oauth2/auth-code-url", { server: "tools", name: "me", ...rest }),
  };
}

/** What was registered, oldest first. */
export function registrations({ as }: Pick<McpPair, "as">): readonly Record<string, unknown>[] {
  return as.to("/register").map(({ body }) => JSON.parse(body));
}

/** The browser comes back from the authorization server with a code, to where the link says. */
export async function comeBack(pair: McpPair, link: ApiAnswer, more: Record<string, string> = {}): Promise<number> {
  const { state = "", redirect_uri = "" } = Object.fromEntries(new URL(String(link.body?.data?.url)).searchParams);
  const query = new URLSearchParams({ code: `code-${state}`, state, ...more });
  return (await arrive(pair, redirect_uri, query)).status;
}

/** A browser asks for a redirect URI of the broker, at the address where this one listens. */
export function arrive(pair: McpPair, redirectUri: string, query: URLSearchParams): Promise<Response> {
  return fetch(`${pair.running.address}${new URL(redirectUri).pathname}?${query}`, { redirect: "manual" });
}
