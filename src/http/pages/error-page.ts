import type { FastifyReply, FastifyRequest } from "fastify";
import { html } from "../../html.ts";
import { type ErrorHandler, type Failure, failureOf } from "../answer/errors.ts";
import type { Deps } from "../app-types.ts";
import { page, pageHeaders } from "./page.ts";

const HEADERS = { ...pageHeaders({ forms: false }), vary: "accept" };

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
    return reply.code(failure.status).headers(HEADERS).send(errorPage(failure));
  };
}

interface Said {
  readonly title: string;
  readonly text: string;
}

const NOWHERE: Said = {
  title: "There is nothing here",
  text: "The address may be mistyped, or the link is old. If a program sent you here, get a new link from it.",
};

const FOR_PROGRAMS: Said = {
  title: "This address is for programs",
  text: "It answers only requests with a token, which a browser does not send.",
};

function errorPage({ status, text }: Failure): string {
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  const said = { 403: FOR_PROGRAMS, 404: NOWHERE }[status] ?? { title: "This did not work", text: sentence };
  const body = html`<h1>${said.title}</h1>
<p>${said.text}</p>
<div class="buttons"><a class="button" href="/">Start page</a>
<a class="button quiet" href="/device">Enter a code</a></div>
<p class="small soft after">Status ${status}</p>`;
  return page({ title: said.title, body });
}
