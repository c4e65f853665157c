import type { FastifyReply, FastifyRequest } from "fastify";
import { html } from "../../html.ts";
import type { SayPage } from "../../messages/pages/index.ts";
import { type ErrorHandler, type Failure, failureOf } from "../answer/errors.ts";
import type { Deps } from "../app-types.ts";
import { page, pageHeaders } from "./page.ts";
import { type Speaker, speakerFor } from "./speaker.ts";

const HEADERS = { ...pageHeaders({ forms: false }), vary: "accept, accept-language" };

/** Somebody opens an address in a browser: RFC 9110 12.5.1 has no other sign of it. Who brings a token is a program. */
export function isBrowser({ method, headers }: Pick<FastifyRequest, "method" | "headers">): boolean {
  const { accept = "", authorization, "x-vault-token": token } = headers;
  const opens = method === "GET" || method === "HEAD";
  return opens && /\btext\/html\b/i.test(accept) && authorization === undefined && token === undefined;
}

/** The same error, with the same status: to a program as `answer` has it, to a browser as a page that leads on. */
export function orPage(answer: ErrorHandler, deps: Pick<Deps, "logger">): ErrorHandler {
  return async (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    if (!isBrowser(request)) return answer(error, request, reply);
    const failure = failureOf(error, request, deps.logger);
    if (failure.retryAfter !== undefined) reply.header("retry-after", String(failure.retryAfter));
    const speaker = speakerFor(request);
    const headers = { ...HEADERS, "content-language": speaker.language };
    return reply.code(failure.status).headers(headers).send(errorPage(speaker, failure));
  };
}

function errorPage({ language, say }: Speaker, { status, text }: Failure): string {
  const [title, words, own] = saidOf(say, status, text);
  const body = html`<h1>${title}</h1>
<p${own && own !== language && html` lang="${own}"`}>${words}</p>
<div class="buttons"><a class="button" href="/">${say("error.start")}</a>
<a class="button quiet" href="/device">${say("error.code")}</a></div>
<p class="small soft after">${say("error.status", { status: String(status) })}</p>`;
  return page({ title, language, body });
}

/** Title and text; what the broker says of a single failure is in English. */
function saidOf(say: SayPage, status: number, text: string): readonly [title: string, text: string, language?: "en"] {
  if (status === 403) return [say("error.programs.title"), say("error.programs.text")];
  if (status === 404) return [say("error.nowhere.title"), say("error.nowhere.text")];
  return [say("error.title"), `${text.charAt(0).toUpperCase()}${text.slice(1)}.`, "en"];
}
