import type { FastifyReply } from "fastify";
import type { CallbackResult } from "../../broker/broker.ts";
import { callbackPage, PAGE_HEADERS, type PageText } from "./callback-page.ts";
import { type Outcome, PAGES, resultCookie, resultText } from "./callback-result.ts";

/**
 * Answers a browser that has come back. BCP-11: away from the URL with the code at once, to a page below it that holds neither
 * code nor state nor token. Without a result something broke.
 */
export function sendResult(reply: FastifyReply, url: string, requestId: string, result: CallbackResult | undefined) {
  if (!result) return sendPage(reply, 500, brokenPage(requestId));
  if (!result.known) return sendPage(reply, 400, { ...PAGES.unknown, text: result.text });
  const page: Outcome = result.ok ? "done" : "failed";
  return (
    reply
      .code(303)
      .headers({ "cache-control": "no-store", "referrer-policy": "no-referrer" })
      .header("set-cookie", resultCookie(url, result))
      // Two slashes would begin another host's address.
      .header("location", `${url === "/" ? "" : url}/${page}`)
      .send()
  );
}

/** The page that such an answer leads to. */
export function sendOutcome(reply: FastifyReply, cookies: string | undefined, page: Outcome) {
  const text = resultText(cookies, page) ?? PAGES[page].text;
  return sendPage(reply, 200, { ...PAGES[page], text });
}

function brokenPage(requestId: string): PageText {
  const next = `Try again. If it keeps failing, give the operator this request id: ${requestId}.`;
  return { ...PAGES.failed, text: "Something went wrong in Coatcheck.", next };
}

function sendPage(reply: FastifyReply, status: number, page: PageText) {
  return reply
    .code(status)
    .headers({ ...PAGE_HEADERS })
    .send(callbackPage(page));
}

/** One field with the whole answer, so that a parameter that comes twice is still seen twice. */
export function answerOf(body: unknown): string {
  const { answer } = (body ?? {}) as { readonly answer?: unknown };
  return typeof answer === "string" ? answer : "";
}
