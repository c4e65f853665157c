import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { ProxyAnswer, ProxyBody, UnreadRequest } from "../../broker/sessions.ts";
import { describe } from "../answer/describe.ts";
import { badRequest } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { bearerOf } from "../gate/caller.ts";
import { PROXY, REPLAYABLE, streamsOn } from "../gate/transport.ts";
import { readBody } from "../input/read-body.ts";
import { textsByName } from "../input/texts-by-name.ts";
import type { Leaving } from "./leaving.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;

/** `ANY /session/proxy/:api/*`: the token is put in here, and the program never sees it. */
export function proxy(app: VaultApp, deps: Deps, mount: string, leaving: Leaving): void {
  const { broker } = deps;
  app.removeAllContentTypeParsers();
  // The body is left where it is: it streams.
  app.addContentTypeParser("*", (_request, _payload, done) => done(null, null));
  for (const url of [`${PROXY}:api`, `${PROXY}:api/*`]) {
    app.route({
      method: [...METHODS],
      url,
      schema: {
        ...describe({
          form: "session",
          summary: "Forward a request with the access token; what has the header coatcheck-api is that API's answer",
          media: "*/*",
          statuses: ["default"],
        }),
        hide: !url.endsWith("*"),
      },
      handler: async (request, reply) => {
        const { api = "" } = textsByName(request.params);
        const signal = leaving(reply);
        const secret = request.headers.authorization === undefined ? undefined : bearerOf(request);
        const answer = await broker.sessions.forward(mount, secret, requestOf(request, deps, api, signal));
        return sendAnswer(reply, request, api, answer);
      },
    });
  }
}

function requestOf(request: FastifyRequest, deps: Deps, api: string, signal: AbortSignal): UnreadRequest {
  const { raw } = request;
  const { url = "", method = "", rawHeaders: headers } = raw;
  // The name as it was written: the router has decoded its own copy.
  const prefix = `${PROXY}${api}`;
  if (!url.startsWith(prefix)) throw badRequest("the name of an API must not be percent-encoded");
  if (raw.headers.upgrade !== undefined) throw badRequest("protocol upgrades are not forwarded");
  return {
    api,
    tail: url.slice(prefix.length),
    prefix,
    method,
    headers,
    signal,
    readBody: () => bodyOf(request, deps),
  };
}

async function bodyOf(request: FastifyRequest, { accountOf }: Deps): Promise<ProxyBody | undefined> {
  const { raw } = request;
  const { "content-length": given, "transfer-encoding": chunked } = raw.headers;
  if (given === undefined && chunked === undefined) return undefined;
  const length = given === undefined ? undefined : Number(given);
  if (length === undefined || streamsOn(raw)) {
    return { kind: "stream", bytes: raw.iterator({ destroyOnReturn: false }), ...(length !== undefined && { length }) };
  }
  return { kind: "bytes", bytes: await readBody(raw, REPLAYABLE, accountOf(request)), length };
}

/** Foreign content under the broker's own address: whoever shows it runs nothing of it. */
const INERT = {
  "content-security-policy": "sandbox; default-src 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** What is read as it comes: a reverse proxy between (nginx) would hold it back until it has a buffer full. */
const STREAM = /^(?:text\/event-stream|application\/(?:x-ndjson|jsonl|json-seq))\b/i;

async function sendAnswer(reply: FastifyReply, request: FastifyRequest, api: string, answer: ProxyAnswer) {
  const { status, headers, body } = answer;
  reply
    .code(status)
    .headers({ ...headers, ...INERT, vary: [reply.getHeader("vary") ?? [], headers.vary ?? []].flat().join(", ") })
    // An error without this header is the broker's own.
    .header("coatcheck-api", api)
    .header("x-request-id", request.id);
  if (STREAM.test(String(headers["content-type"]))) reply.header("x-accel-buffering", "no");
  const bodiless = request.method === "HEAD" || status === 204 || status === 304;
  if (!bodiless) return reply.send(body instanceof Uint8Array ? body : Readable.from(body, { objectMode: false }));
  await answer.cancel();
  return reply.send();
}
