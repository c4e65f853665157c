import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type TSchema, Type } from "typebox";
import { text } from "../../api/index.ts";
import type { Admitted, Visitor } from "../../broker/sessions.ts";
import { sameText } from "../../process/same-text.ts";
import { failureOf } from "../answer/errors.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { placeOf } from "../gate/place.ts";
import { browserCookie, browserOf, newBrowser } from "../pages/browser-cookie.ts";
import { codePage, decisionPage, deniedPage, leavePage } from "../pages/device-pages.ts";
import { pageHeaders } from "../pages/page.ts";
import { languageHeaders, type Speaker, speakerFor } from "../pages/speaker.ts";

const Prefill = Type.Object({ user_code: text("Code to fill in") });
const Entry = Type.Object({
  user_code: text("The code that the person entered"),
  token: text("The form token of the page"),
});
const Choice = Type.Object({
  user_code: text("The code"),
  token: text("The form token of the page"),
  decision: text("allow or deny"),
});

/** `/device`: the broker's own verification page, for providers without a device grant. */
export function device(app: VaultApp, deps: Deps, mount: string): void {
  const hidden = <Schema extends TSchema>(part: { body?: Schema; querystring?: Schema }) => ({ hide: true, ...part });
  // Before the body is read: who has had enough costs no more than this. What a foreign page sends is not counted as its visitor's.
  const admit = (what: Admitted) => async (request: FastifyRequest, reply: FastifyReply) => {
    if (isFromElsewhere(request)) {
      return sendCodePage(request, reply, 403, visitorOf(deps, request, reply), { typed: "", problem: "code.stale" });
    }
    await deps.broker.sessions.admit(mount, what, { ...placeOf(request, deps), trusted: false });
    return undefined;
  };
  app.setErrorHandler(pageErrors(deps));
  app.get("/device", {
    schema: hidden({ querystring: Prefill }) as { querystring: typeof Prefill },
    handler: async (request, reply) => {
      const visitor = visitorOf(deps, request, reply);
      return sendCodePage(request, reply, 200, visitor, { typed: request.query.value.user_code });
    },
  });
  app.post("/device", {
    onRequest: admit("code typed"),
    schema: hidden({ body: Entry }) as { body: typeof Entry },
    handler: async (request, reply) => {
      const { user_code: typed, token } = request.body.value;
      const visitor = visitorOf(deps, request, reply);
      if (!sameText(formToken(visitor), token))
        return sendCodePage(request, reply, 403, visitor, { typed, problem: "code.stale" });
      const login = await deps.broker.sessions.typedLogin(mount, visitor, typed);
      if (!login) return sendCodePage(request, reply, 400, visitor, { typed, problem: "code.unknown" });
      const speaker = speakerFor(request);
      return sendPage(reply, 200, speaker, decisionPage(speaker, login, visitor.address, deps.clock.now()));
    },
  });
  decision(app, deps, mount, admit("code decided"));
}

function decision(
  app: VaultApp,
  deps: Deps,
  mount: string,
  onRequest: (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply | undefined>,
): void {
  app.post("/device/decision", {
    onRequest,
    schema: { hide: true, body: Choice } as { body: typeof Choice },
    handler: async (request, reply) => {
      const { user_code: code, token, decision: chosen } = request.body.value;
      const visitor = visitorOf(deps, request, reply);
      const allow = chosen === "allow";
      const decided = await deps.broker.sessions.decideLogin(mount, visitor, { code, token, allow });
      if (decided.kind === "unknown")
        return sendCodePage(request, reply, 400, visitor, { typed: code, problem: "code.unknown" });
      const speaker = speakerFor(request);
      const page = decided.kind === "denied" ? deniedPage(speaker) : leavePage(speaker, decided.url);
      return sendPage(reply, 200, speaker, page);
    },
  });
}

/** The browser by its cookie; one that has none gets it now. */
function visitorOf(deps: Deps, request: FastifyRequest, reply: FastifyReply): Visitor {
  const { securePages = false } = deps;
  const known = browserOf(request.headers.cookie, securePages);
  const browser = known === "" ? newBrowser() : known;
  if (known === "") reply.header("set-cookie", browserCookie(browser, securePages));
  return { ...placeOf(request, deps), browser };
}

/** Of the first page: proves that the form was ours, in this browser. */
function formToken({ browser }: Visitor): string {
  return createHash("sha256").update(`device form ${browser}`).digest("base64url");
}

/** Browsers say where a form comes from; the tokens hold without it. */
function isFromElsewhere({ headers }: FastifyRequest): boolean {
  const site = headers["sec-fetch-site"];
  return site !== undefined && site !== "same-origin";
}

interface Shown {
  readonly typed: string;
  readonly problem?: "code.stale" | "code.unknown" | { readonly english: string };
}

function sendCodePage(request: FastifyRequest, reply: FastifyReply, status: number, visitor: Visitor, shown: Shown) {
  const speaker = speakerFor(request);
  const typed = shown.typed.slice(0, 64).toWellFormed();
  const problem = typeof shown.problem === "string" ? speaker.say(shown.problem) : shown.problem;
  const page = codePage(speaker, { typed, token: formToken(visitor), ...(problem !== undefined && { problem }) });
  return sendPage(reply, status, speaker, page);
}

function sendPage(reply: FastifyReply, status: number, speaker: Speaker, html: string) {
  return reply
    .code(status)
    .headers({ ...pageHeaders({ forms: true }), ...languageHeaders(speaker) })
    .send(html);
}

/** People get a page, whatever went wrong. */
function pageErrors(deps: Deps) {
  return async (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const { status, text: problem, retryAfter } = failureOf(error, request, deps.logger);
    if (retryAfter !== undefined) reply.header("retry-after", String(retryAfter));
    const english = `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`;
    return sendCodePage(request, reply, status, visitorOf(deps, request, reply), { typed: "", problem: { english } });
  };
}
