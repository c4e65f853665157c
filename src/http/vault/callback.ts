import type { FastifyReply, FastifyRequest } from "fastify";
import { describe } from "../answer/describe.ts";
import { describeError } from "../answer/describe-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { refuseOthers } from "../gate/methods.ts";
import { rawQuery } from "../input/query.ts";
import { browserOf } from "../pages/browser-cookie.ts";
import { callbackPage, PAGE_HEADERS, type PageText } from "../pages/callback-page.ts";
import { type Outcome, PAGES, resultCookie, resultText } from "../pages/callback-result.ts";
import { FRAGMENT_HEADERS, fragmentPage } from "../pages/fragment-page.ts";

/**
 * `callback`: the browser's way back, without a token (oauthapp.md section 4). BCP-11: away from the URL with the code
 * at once, to a page that holds neither code nor state nor token.
 */
export function callback(app: VaultApp, { broker, logger, securePages = false }: Deps, mount: string): void {
  const url = `/v1/${mount}/callback`;
  const receive = async (request: FastifyRequest, reply: FastifyReply, parameters: URLSearchParams) => {
    const browser = browserOf(request.headers.cookie, securePages);
    const result = await broker.receiveCallback(mount, parameters, browser).catch((error: unknown) => {
      logger.error("callback_failed", { requestId: request.id, ...describeError(error) });
      return undefined;
    });
    if (!result) return sendPage(reply, 500, brokenPage(request.id));
    if (!result.known) return sendPage(reply, 400, { ...PAGES.unknown, text: result.text });
    const page: Outcome = result.ok ? "done" : "failed";
    return reply
      .code(303)
      .headers({ "cache-control": "no-store", "referrer-policy": "no-referrer" })
      .header("set-cookie", resultCookie(mount, result))
      .header("location", `${url}/${page}`)
      .send();
  };
  app.get(url, {
    schema: pages("The redirect from the authorization server"),
    handler: async (request, reply) => {
      const query = rawQuery(request.raw.url ?? "");
      if (query === "") return reply.headers({ ...FRAGMENT_HEADERS }).send(fragmentPage());
      return receive(request, reply, new URLSearchParams(query));
    },
  });
  app.post(url, {
    schema: pages("The response in the address's fragment, sent by the callback's own page"),
    handler: async (request, reply) => receive(request, reply, new URLSearchParams(answerOf(request.body))),
  });
  refuseOthers(app, url, ["GET", "POST"]);
  for (const page of ["done", "failed"] as const) resultPage(app, url, page);
}

function pages(summary: string) {
  return describe({ form: "status", tag: "callback", summary, media: "text/html", statuses: [200, 303, 400, 500] });
}

/** One field with the whole answer, so that a parameter that comes twice is still seen twice. */
function answerOf(body: unknown): string {
  const { answer } = (body ?? {}) as { readonly answer?: unknown };
  return typeof answer === "string" ? answer : "";
}

function brokenPage(requestId: string): PageText {
  const next = `Try again. If it keeps failing, give the operator this request id: ${requestId}.`;
  return { ...PAGES.failed, text: "Something went wrong in Coatcheck.", next };
}

function resultPage(app: VaultApp, url: string, page: Outcome): void {
  app.get(`${url}/${page}`, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const text = resultText(request.headers.cookie, page) ?? PAGES[page].text;
      return sendPage(reply, 200, { ...PAGES[page], text });
    },
  });
  refuseOthers(app, `${url}/${page}`, ["GET"]);
}

function sendPage(reply: Pick<FastifyReply, "code">, status: number, page: PageText) {
  return reply
    .code(status)
    .headers({ ...PAGE_HEADERS })
    .send(callbackPage(page));
}
