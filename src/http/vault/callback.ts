import type { FastifyReply, FastifyRequest } from "fastify";
import { describe } from "../answer/describe.ts";
import { describeError } from "../answer/describe-error.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { rawQuery } from "../input/query.ts";
import { textsByName } from "../input/texts-by-name.ts";
import { browserOf } from "../pages/browser-cookie.ts";
import { answerOf, sendFragment, sendOutcome, sendResult } from "../pages/callback-answer.ts";
import type { MountRoutes } from "./mount-routes.ts";

/** `callback`: the browser's way back, without a token (oauthapp.md section 4). */
export function callback(app: VaultApp, { broker, logger, securePages = false }: Deps, at: MountRoutes): void {
  const url = `${at.root}/callback`;
  const receive = async (request: FastifyRequest, reply: FastifyReply, parameters: URLSearchParams) => {
    const browser = browserOf(request.headers.cookie, securePages);
    const { issuer } = textsByName(request.params);
    const back = { parameters, browser, ...(issuer !== undefined && { issuer }) };
    const result = await broker.receiveCallback(at.place(request), back).catch((error: unknown) => {
      logger.error("callback_failed", { requestId: request.id, ...describeError(error) });
      return undefined;
    });
    return sendResult(request, reply, `/v1/${at.path(request)}/callback`, result);
  };
  for (const way of [url, `${url}/:issuer`]) {
    app.get(way, {
      schema: pages("The redirect from the authorization server"),
      handler: async (request, reply) => {
        const query = rawQuery(request.raw.url ?? "");
        if (query === "") return sendFragment(request, reply);
        return receive(request, reply, new URLSearchParams(query));
      },
    });
    app.post(way, {
      schema: pages("The response in the address's fragment, sent by the callback's own page"),
      handler: async (request, reply) => receive(request, reply, new URLSearchParams(answerOf(request.body))),
    });
  }
  for (const page of ["done", "failed"] as const) {
    app.get(`${url}/${page}`, {
      schema: { hide: true },
      handler: async (request, reply) => sendOutcome(request, reply, page),
    });
  }
}

function pages(summary: string) {
  return describe({ form: "status", tag: "callback", summary, media: "text/html", statuses: [200, 303, 400, 500] });
}
