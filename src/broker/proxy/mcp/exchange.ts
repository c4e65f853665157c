import { type Agent, agentOf, type CallerRequest, type StandIn } from "../../../mcp/sign-in-answers.ts";
import { callProblem, type ToolPolicy } from "../../../mcp/tool-policy.ts";
import type { Context } from "../../process/context.ts";
import type { ReadSession } from "../../session/session.ts";
import type { McpRequest } from "../../sessions.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Message, type Posted, requestsOf } from "./posted.ts";

/** One request to the gateway, with all that is known of it. */
export interface Exchange {
  readonly context: Context;
  readonly found: ReadSession;
  readonly request: McpRequest;
  /** The endpoint that tokens are for; undefined while nobody has signed in to one. */
  readonly endpoint: Endpoint | undefined;
  /** As people know the server. */
  readonly title: string;
  /** What is passed on of the caller's headers. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly posted?: Posted;
  readonly policies: readonly ToolPolicy[];
}

export const SESSION_HEADER = "mcp-session-id";

export function requestsIn({ posted }: Pick<Exchange, "posted">): readonly CallerRequest[] {
  return posted ? requestsOf(posted) : [];
}

/** What the caller's legacy session was begun with. */
export function handshakeKey({ found, headers }: Exchange, session = headers[SESSION_HEADER] ?? ""): string {
  return `${found.id}\n${session}`;
}

export function agentIn(exchange: Exchange, request: CallerRequest): Agent {
  return agentOf(request, exchange.context.caches.gateway.handshakes.get(handshakeKey(exchange)));
}

export function standInFor({ context, found, title, request }: Exchange): StandIn {
  const remembered = context.caches.gateway.servers.get(found.id);
  return { server: title, version: request.version, ...(remembered && { remembered }) };
}

/** Everything that calls a tool, whether it wants an answer or not. */
export function callsIn({ posted }: Pick<Exchange, "posted">): readonly Message[] {
  return posted?.messages.filter(({ method }) => method === "tools/call") ?? [];
}

/** MCP-G4: the call of a tool that this session may not use, if there is one. */
export function deniedCall(exchange: Exchange): Message | undefined {
  return callsIn(exchange).find((message) => callProblem(exchange.policies, message) !== undefined);
}

export function toolOf({ params }: Pick<Message, "params">): string {
  return typeof params?.name === "string" ? params.name : "";
}
