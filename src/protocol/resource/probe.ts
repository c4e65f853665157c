import type { Call } from "../client.ts";
import { exchange } from "../endpoint.ts";
import type { HttpResponse } from "../response/http-response.ts";
import { parseJsonObject } from "../response/json.ts";
import { TransportError } from "../response/transport-error.ts";
import { type BearerChallenge, bearerChallenge, parseChallenges } from "./challenges.ts";
import { answeredWith, refuse, unreachable } from "./fetch-json.ts";

/** What an MCP server says to somebody without a token (MCP-D1, MCP-D8). */
export type Probed =
  | { readonly kind: "challenged"; readonly challenge?: BearerChallenge }
  /** It answered; that says nothing about its tools (MCP-D8). */
  | { readonly kind: "open" }
  /** There is nothing that speaks MCP by POST, as far as anybody without a token can see. */
  | { readonly kind: "unknown"; readonly status: number };

const VERSION = "2026-07-28";
const INFO = { name: "coatcheck", version: "1" };

const DISCOVER = {
  method: "server/discover",
  params: {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": VERSION,
      "io.modelcontextprotocol/clientInfo": INFO,
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
} as const;

const INITIALIZE = {
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: INFO },
} as const;

/** Errors that only a server of 2026-07-28 gives: it has understood, so an older question says no more. */
const MODERN_ERRORS: ReadonlySet<unknown> = new Set([-32_020, -32_021, -32_022]);

/** MCP-D1: asks without a token what an MCP server wants. Throws `DiscoveryError`. */
export async function probe(url: string, call: Call): Promise<Probed> {
  const modern = await post(url, DISCOVER, { "mcp-protocol-version": VERSION, "mcp-method": DISCOVER.method }, call);
  if (modern.status !== 400 || isModernError(modern)) return judge(url, modern);
  return judge(url, await post(url, INITIALIZE, {}, call));
}

async function post(url: string, message: object, headers: Record<string, string>, call: Call): Promise<HttpResponse> {
  const request = call.fetch(url, {
    method: "POST",
    headers: { ...headers, accept: "application/json, text/event-stream", "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...message }),
    redirect: "manual",
    signal: call.signal,
  });
  const response = await exchange(request);
  if (response instanceof TransportError) throw unreachable(`the MCP server (POST ${url})`, response);
  return response;
}

function isModernError({ body }: HttpResponse): boolean {
  const error = parseJsonObject(body)?.error;
  return typeof error === "object" && error !== null && MODERN_ERRORS.has((error as { code?: unknown }).code);
}

function judge(url: string, response: HttpResponse): Probed {
  const { status, headers } = response;
  const where = `the MCP server (POST ${url})`;
  if (status >= 300 && status < 400) throw refuse(`${where} answered with a redirect, which is not followed`);
  if (status >= 500) throw answeredWith(where, response);
  const challenges = parseChallenges(headers["www-authenticate"] ?? "");
  if (status === 401 || status === 403) {
    if (!challenges) throw refuse(`${where} answered with a WWW-Authenticate field that cannot be read`);
    const challenge = bearerChallenge(challenges);
    if (status === 401 || challenge) return { kind: "challenged", ...(challenge && { challenge }) };
  }
  return status >= 200 && status < 300 ? { kind: "open" } : { kind: "unknown", status };
}
