import type { FastifyReply, FastifyRequest } from "fastify";
import type { CallbackResult } from "../../broker/broker.ts";
import { callbackPage, PAGE_HEADERS, type PageText } from "./callback-page.ts";
import { type Outcome, pageOf, resultCookie, resultText } from "./callback-result.ts";
import { fragmentHeaders, fragmentPage } from "./fragment-page.ts";
import { languageHeaders, type Speaker, speakerFor } from "./speaker.ts";

/**
 * Answers a browser that has come back. BCP-11: away from the URL with the code at once, to a page below it that holds neither
 * code nor state nor token. Without a result something broke.
 */
export function sendResult(
  request: Pick<FastifyRequest, "headers" | "id">,
  reply: FastifyReply,
  url: string,
  result: CallbackResult | undefined,
) {
  const speaker = speakerFor(request);
  if (!result) return sendPage(reply, 500, speaker, brokenPage(speaker, request.id));
  if (!result.known)
    return sendPage(reply, 400, speaker, { ...pageOf(speaker, "unknown"), text: { english: result.text } });
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
export function sendOutcome(request: Pick<FastifyRequest, "headers">, reply: FastifyReply, page: Outcome) {
  const speaker = speakerFor(request);
  const english = resultText(request.headers.cookie, page);
  const usual = pageOf(speaker, page);
  return sendPage(reply, 200, speaker, english === undefined ? usual : { ...usual, text: { english } });
}

/** Of an answer that only the browser has; or of none at all. */
export function sendFragment(request: Pick<FastifyRequest, "headers">, reply: FastifyReply) {
  const speaker = speakerFor(request);
  return reply.headers(fragmentHeaders(speaker)).send(fragmentPage(speaker));
}

function brokenPage(speaker: Speaker, id: string): PageText {
  const { say } = speaker;
  return { ...pageOf(speaker, "failed"), text: say("broken.text"), next: say("broken.next", { id }) };
}

function sendPage(reply: FastifyReply, status: number, speaker: Speaker, page: PageText) {
  return reply
    .code(status)
    .headers({ ...PAGE_HEADERS, ...languageHeaders(speaker) })
    .send(callbackPage(speaker, page));
}

/** One field with the whole answer, so that a parameter that comes twice is still seen twice. */
export function answerOf(body: unknown): string {
  const { answer } = (body ?? {}) as { readonly answer?: unknown };
  return typeof answer === "string" ? answer : "";
}
