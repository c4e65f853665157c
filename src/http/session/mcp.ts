import type { FastifyReply, FastifyRequest } from "fastify";
import type { McpRequest, ProxyAnswer } from "../../broker/sessions.ts";
import { isLoopback } from "../../process/proxies.ts";
import { describe } from "../answer/describe.ts";
import { HttpError, unsupportedPath } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { bearerOf } from "../gate/caller.ts";
import { isOfThisMachine } from "../gate/hosts.ts";
import { plainAddress, SOCKET } from "../gate/network.ts";
import { passFirst } from "../gate/offers.ts";
import { isOwnOrigin } from "../gate/origins.ts";
import { placeOf } from "../gate/place.ts";
import { REPLAYABLE } from "../gate/transport.ts";
import { rawQuery } from "../input/query.ts";
import { readBody } from "../input/read-body.ts";
import { textsByName } from "../input/texts-by-name.ts";
import { AnswerBody, sendAsItComes } from "./event-body.ts";
import type { Leaving } from "./leaving.ts";

/** MCP-G1: requests are read whole; before anybody has signed in no more than what is small elsewhere (ST-171). Bytes. */
const LARGEST_BODY = 16_777_216;

const METHODS = ["GET", "POST", "DELETE"] as const;

const URL = "/mcp/:server";

/** MCP-G2: for a program of this machine that can send no header. */
const WITH_SECRET = "/mcp/:server/:secret";

/** `/mcp/SERVER`: streamable HTTP to the MCP server of a session (section 8 of mcp.md). */
export function mcp(app: VaultApp, deps: Deps, mount: string, leaving: Leaving): void {
  const { broker } = deps;
  app.removeAllContentTypeParsers();
  // The body is left where it is until it is known whose it is.
  app.addContentTypeParser("*", (_request, _payload, done) => done(null, null));
  passFirst(app, async (request) => refuseForeignOrigin(request, deps));
  sendAsItComes(app);
  const passing = (holder: (request: FastifyRequest) => string | undefined) => ({
    method: [...METHODS],
    // No promise of it: Fastify would hang listeners on each to know when it is kept.
    handler: (request: FastifyRequest, reply: FastifyReply) => {
      const asked = requestOf(request, reply, deps, leaving);
      const answered = broker.sessions.gateway(mount, holder(request), asked);
      answered.then((answer) => sendAnswer(reply, answer, deps)).catch((error: unknown) => void reply.send(error));
    },
  });
  app.route({
    ...passing((request) => holderOf(request, deps)),
    url: URL,
    schema: describe({
      form: "session",
      summary: "The MCP server of the session, by streamable HTTP with the access token put in",
      media: "*/*",
      statuses: ["default"],
    }),
  });
  app.route({ ...passing((request) => secretIn(request, deps)), url: WITH_SECRET, schema: { hide: true } });
}

/** The session in the path: between programs of this machine alone, since whoever stands between them may write paths down. */
function secretIn(request: FastifyRequest, deps: Deps): string {
  const ends = [request.socket.localAddress, request.socket.remoteAddress].map(plainAddress);
  if (!ends.every(isLoopback) || !isOfThisMachine(request, deps)) throw unsupportedPath();
  return textsByName(request.params).secret ?? "";
}

/** MCP-G2: at a person's own broker whoever reaches its socket is that person, who alone can (0600); undefined. */
function holderOf(request: FastifyRequest, deps: Deps): string | undefined {
  const isSocket = deps.loopbackUrl !== undefined && plainAddress(request.socket.remoteAddress) === SOCKET;
  const isOwners = isSocket && request.headers.authorization === undefined && isOfThisMachine(request, deps);
  return isOwners ? undefined : bearerOf(request);
}

/** A page that somebody visits must not talk to what their programs use (MCP 2025-11-25 basic/transports, DNS rebinding). */
function refuseForeignOrigin({ headers }: FastifyRequest, deps: Deps): void {
  const { origin, host } = headers;
  if (origin !== undefined && !isOwnOrigin(origin, host, deps.ownOrigin) && !deps.allowedOrigins?.has(origin))
    throw new HttpError(403, ["pages of other sites may not do this: their origin is not named by --allow-origins"]);
}

function requestOf(request: FastifyRequest, reply: FastifyReply, deps: Deps, leaving: Leaving): McpRequest {
  const { raw, headers, method } = request;
  const { server = "" } = textsByName(request.params);
  const listens = method === "GET" || headers["mcp-method"] === "subscriptions/listen";
  return {
    server,
    method,
    headers: raw.rawHeaders,
    signal: leaving(reply, { waits: listens }),
    outOfBand: headers["coatcheck-sign-in"] === "out-of-band",
    caller: { ...placeOf(request, deps), trusted: false },
    version: deps.version,
    query: rawQuery(raw.url ?? ""),
    readBody: ({ isSignedIn }) =>
      readBody(raw, isSignedIn ? LARGEST_BODY : REPLAYABLE, deps.accountOf(request, { isKnown: isSignedIn })),
  };
}

/** Up to so many bytes an answer whose length is known is read whole first: one that breaks off is an error, and none that is half there. */
const SHORT = 65_536;

async function sendAnswer(reply: FastifyReply, { status, headers, body }: ProxyAnswer, { clock }: Deps): Promise<void> {
  const isStream = /^text\/event-stream\b/i.test(String(headers["content-type"] ?? ""));
  reply
    .code(status)
    .headers({ ...headers, vary: [reply.getHeader("vary") ?? [], headers.vary ?? []].flat().join(", ") })
    .header("x-content-type-options", "nosniff");
  if (isStream) reply.header("x-accel-buffering", "no");
  const isShort = !isStream && Number(headers["content-length"] ?? Number.NaN) <= SHORT;
  const sent = isShort && !(body instanceof Uint8Array) ? await wholeOf(body) : body;
  if (!(sent instanceof Uint8Array)) void reply.send(new AnswerBody(sent, isStream ? clock : undefined));
  else void reply.send(sent.length === 0 ? undefined : sent);
}

async function wholeOf(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
