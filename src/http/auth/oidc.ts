import type { FastifyReply, FastifyRequest } from "fastify";
import { OidcBeginParameters, OidcConfirmParameters, OidcPollParameters } from "../../api/index.ts";
import { describe } from "../answer/describe.ts";
import { sendData } from "../answer/envelope.ts";
import { badRequest } from "../answer/http-error.ts";
import { sendAuth } from "../answer/token-data.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { rawQuery } from "../input/query.ts";
import { pageHeaders } from "../pages/page.ts";
import { confirmPage, signedInPage, staleSignInPage } from "../pages/sign-in-pages.ts";
import { languageHeaders, speakerFor } from "../pages/speaker.ts";
import { fromOf } from "./certificate.ts";
import { pathOf } from "./mount.ts";

const TAG = "auth";
const ROOT = "/v1/auth/:mount/oidc";
const FORM = { ...pageHeaders({ forms: true }) };
const PAGE = { ...pageHeaders({ forms: false }) };

/** Logins of people, as `bao login -method=oidc` and htgettoken hold them (vault-http.md section 8). No token is looked at. */
export function oidcLogins(app: VaultApp, deps: Deps): void {
  beginning(app, deps);
  polling(app, deps);
}

/** What the person's browser brings: from the provider's page, and from our own. */
export function oidcAnswers(app: VaultApp, deps: Deps): void {
  returning(app, deps);
  confirming(app, deps);
}

function beginning(app: VaultApp, deps: Deps): void {
  const url = `${ROOT}/auth_url`;
  app.route({
    method: WRITE,
    url,
    schema: describe({ isOpen: true, tag: TAG, summary: "Begin a login of a person", body: OidcBeginParameters }),
    handler: async (request, reply) => {
      const { role, redirect_uri: redirectUri, client_nonce: clientNonce } = request.body.value;
      const begin = { role: role.toLowerCase(), redirectUri, clientNonce };
      const begun = await deps.auth.people.begin(pathOf(request), begin, fromOf(request, deps));
      const { wait } = begun ?? {};
      return sendData(reply, {
        auth_url: begun?.url ?? "",
        // A text of digits: htgettoken polls without a pause otherwise.
        ...(wait && { state: wait.state, poll_interval: String(wait.interval) }),
        ...(wait?.userCode !== undefined && { user_code: wait.userCode }),
      });
    },
  });
}

function polling(app: VaultApp, deps: Deps): void {
  const url = `${ROOT}/poll`;
  app.route({
    method: WRITE,
    url,
    schema: describe({
      isOpen: true,
      tag: TAG,
      summary: "Ask whether a person has signed in",
      body: OidcPollParameters,
    }),
    handler: async (request, reply) => {
      const { state, client_nonce: clientNonce } = request.body.value;
      const made = await deps.auth.people.poll(pathOf(request), { state, clientNonce }, fromOf(request, deps));
      const { token, ...auth } = made;
      return sendAuth(reply, { client_token: token, ...auth });
    },
  });
}

function returning(app: VaultApp, deps: Deps): void {
  const answer = async (request: FastifyRequest, reply: FastifyReply, parameters: URLSearchParams) => {
    const from = fromOf(request, deps);
    const path = pathOf(request);
    const came = await deps.auth.people.callback(path, parameters, from);
    if ("token" in came) {
      const { token, ...auth } = came;
      return sendAuth(reply, { client_token: token, ...auth });
    }
    const action = `/v1/auth/${encodeURIComponent(path)}/oidc/confirm`;
    const speaker = speakerFor(request);
    const page = confirmPage(speaker, came, action, from.address, deps.clock.now());
    return reply.headers({ ...FORM, ...languageHeaders(speaker) }).send(page);
  };
  // The second is where the provider sends browsers whose command has asked for it with a slash too many.
  for (const url of [`${ROOT}/callback`, "/v1/auth/:mount//oidc/callback"]) {
    app.get(url, {
      schema: { hide: true },
      handler: async (request, reply) => answer(request, reply, new URLSearchParams(rawQuery(request.raw.url ?? ""))),
    });
    // The provider sends it by a form of its own (response_mode form_post).
    app.post(url, {
      schema: { hide: true },
      handler: async (request, reply) => answer(request, reply, formIn(request.body)),
    });
  }
}

/** Throws an `HttpError` for anything else. */
function formIn(body: unknown): URLSearchParams {
  const sent = Object.entries(body ?? {}).map(([name, value]): [string, string] => {
    if (typeof value !== "string") throw badRequest("the answer of a provider is a form");
    return [name, value];
  });
  return new URLSearchParams(sent);
}

function confirming(app: VaultApp, deps: Deps): void {
  const url = `${ROOT}/confirm`;
  app.post(url, {
    schema: describe({
      isOpen: true,
      tag: TAG,
      summary: "The person's word on whose program is signed in",
      body: OidcConfirmParameters,
      media: "text/html",
      statuses: [200, 400],
    }),
    handler: async (request, reply) => {
      const { state, confirm, decision } = request.body.value;
      const allow = decision === "allow";
      const done = await deps.auth.people.confirm(pathOf(request), { state, confirm, allow }, fromOf(request, deps));
      const speaker = speakerFor(request);
      const shown = done ? signedInPage(speaker, allow) : staleSignInPage(speaker);
      return reply
        .code(done ? 200 : 400)
        .headers({ ...PAGE, ...languageHeaders(speaker) })
        .send(shown);
    },
  });
}
