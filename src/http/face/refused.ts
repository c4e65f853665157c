import type { FastifyReply, FastifyRequest } from "fastify";
import { type Html, html } from "../../html.ts";
import { type SayFace, sayFace } from "../../messages/face/index.ts";
import { failureOf } from "../answer/errors.ts";
import type { Deps } from "../app-types.ts";
import { Refusal } from "./api.ts";
import { type Screen, show, showAlone } from "./frame.ts";
import { askToSignIn } from "./sign-in.ts";
import { sentence } from "./texts.ts";
import { ForeignForm, languageOf, SignedOut, visitOf } from "./visit.ts";

/** Whatever goes wrong at a screen is a page that says what, and leads on. */
export function faceErrors(deps: Deps) {
  return async (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof SignedOut) {
      const { problem: kept } = error;
      const problem = request.method === "POST" && kept !== "sign-in.two" ? "sign-in.undone" : kept;
      return askToSignIn(request, reply, deps, { status: 401, to: request.url, problem, hasEnded: kept !== undefined });
    }
    const visit = visitOf(request);
    const language = visit?.language ?? languageOf(request);
    const say = sayFace(language);
    const failure = failureIn(error, request, deps);
    if (failure.retryAfter !== undefined) reply.header("retry-after", String(failure.retryAfter));
    const screen = screenOf(say, failure);
    if (!visit) return showAlone(reply, deps, { language, say }, screen);
    // What is around a screen is asked of the API as well, which may be what fails.
    return show(reply, visit, deps, screen).catch(() => showAlone(reply, deps, visit, screen));
  };
}

interface Failure {
  readonly status: number;
  readonly text: string;
  readonly retryAfter?: number | undefined;
  readonly foreign?: ForeignForm["key"];
}

function failureIn(error: unknown, request: FastifyRequest, { logger }: Deps): Failure {
  if (error instanceof ForeignForm) return { status: 403, text: "", foreign: error.key };
  if (error instanceof Refusal) return { status: error.status, text: error.message };
  return failureOf(error, request, logger);
}

function screenOf(say: SayFace, { status, text, foreign }: Failure): Screen {
  const [title, words] = wordsFor(say, status, text, foreign);
  return { title, status, body: errorBody(say, { title, words, status }) };
}

function wordsFor(say: SayFace, status: number, text: string, foreign: Failure["foreign"]): readonly [string, string] {
  if (foreign) return [say("error.title"), say(foreign)];
  if (status === 403) return [say("error.denied.title"), say("error.denied", { text })];
  if (status === 404)
    return [say("error.gone.title"), text === "" || text === "not found" ? say("error.gone") : sentence(text)];
  if (status >= 500) return [say("error.away.title"), sentence(text)];
  return [say("error.title"), sentence(text)];
}

function errorBody(say: SayFace, { title, words, status }: { title: string; words: string; status: number }): Html {
  return html`<h1>${title}</h1>
<p>${words}</p>
<div class="buttons"><a class="button" href="/ui">${say("error.back", { page: say("nav.home") })}</a></div>
<p class="small soft after">${say("error.status", { status })}</p>`;
}
