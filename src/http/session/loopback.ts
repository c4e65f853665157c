import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { CallbackResult } from "../../broker/broker.ts";
import { describeError } from "../answer/describe-error.ts";
import { unsupportedPath } from "../answer/http-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { rawQuery } from "../input/query.ts";
import { answerOf, sendFragment, sendOutcome, sendResult } from "../pages/callback-answer.ts";

/** The ports at which a person's own broker listens for their browser. */
export interface LoopbackPages {
  isExpected(port: number | undefined, path: string): boolean;
  /** Answers what is called when the browser has been answered. */
  answering(port: number | undefined): () => void;
}

/** Answers that are remembered at once; each is a sentence. */
const MOST_REMEMBERED = 64;

/**
 * The way back of a login at a person's own broker (RFC 8252 7.3), at whatever path its redirect URI has: nothing else is
 * answered there. A browser that asks twice, with the same answer, sees the same page, and its code is used once.
 */
export function loopback(app: VaultApp, { broker, logger }: Deps, mount: string, pages: LoopbackPages): void {
  const results = new Map<string, Promise<CallbackResult | undefined>>();
  const resultOf = (request: FastifyRequest, answer: string) => {
    const key = createHash("sha256").update(answer).digest("hex");
    const known = results.get(key);
    if (known !== undefined) return known;
    const parameters = new URLSearchParams(answer);
    const result = broker.receiveCallback(mount, { parameters }).catch((error: unknown) => {
      logger.error("callback_failed", { requestId: request.id, ...describeError(error) });
      return undefined;
    });
    return remember(results, key, result);
  };
  const receive = async (request: FastifyRequest, reply: FastifyReply, path: string, answer: string) => {
    reply.raw.once("close", pages.answering(request.socket.localPort));
    const result = await resultOf(request, answer);
    return sendResult(request, reply.header("connection", "close"), path, result);
  };
  const pathOf = ({ raw, socket }: FastifyRequest) => {
    const path = (raw.url ?? "").split("?", 1)[0] ?? "";
    const [, above = path, page] = /^(.*)\/(done|failed)$/.exec(path) ?? [];
    if (pages.isExpected(socket.localPort, path)) return { path };
    if (!pages.isExpected(socket.localPort, above || "/")) throw unsupportedPath();
    return { path: above || "/", page: page === "done" ? ("done" as const) : ("failed" as const) };
  };
  app.get("/*", {
    schema: { hide: true },
    handler: async (request, reply) => {
      const { path, page } = pathOf(request);
      if (page) return sendOutcome(request, reply.header("connection", "close"), page);
      const query = rawQuery(request.raw.url ?? "");
      if (query === "") return sendFragment(request, reply);
      return receive(request, reply, path, query);
    },
  });
  app.post("/*", {
    schema: { hide: true },
    handler: async (request, reply) => receive(request, reply, pathOf(request).path, answerOf(request.body)),
  });
}

/** Only what is final: whoever may come again, or is unknown, is asked for anew. */
function remember(
  results: Map<string, Promise<CallbackResult | undefined>>,
  key: string,
  result: Promise<CallbackResult | undefined>,
): Promise<CallbackResult | undefined> {
  const [oldest] = results.keys();
  if (results.size >= MOST_REMEMBERED && oldest !== undefined) results.delete(oldest);
  results.set(key, result);
  void result.then((ended) => {
    if (!ended?.known || ended.again) results.delete(key);
  });
  return result;
}
