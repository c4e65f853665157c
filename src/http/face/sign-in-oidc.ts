import { createHmac } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { html } from "../../html.ts";
import { sayFace } from "../../messages/face/index.ts";
import { sameText } from "../../process/same-text.ts";
import { failureOf } from "../answer/errors.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { isForeign } from "../gate/origins.ts";
import { placeOf } from "../gate/place.ts";
import { rawQuery } from "../input/query.ts";
import { textsByName } from "../input/texts-by-name.ts";
import { browserOf } from "../pages/browser-cookie.ts";
import { leavePage } from "../pages/device-pages.ts";
import { pageHeaders } from "../pages/page.ts";
import { speakerFor } from "../pages/speaker.ts";
import { formTokenOf, signedIn } from "./cookie.ts";
import { showAlone } from "./frame.ts";
import { askToSignIn, type Problem } from "./sign-in.ts";
import { languageOf } from "./visit.ts";

const ROOT = "/ui/oidc/:mount";
const DONE = "/ui/signed-in";

/** `/ui/oidc/PATH`: a person signs in at the provider of `auth/PATH`, in this browser and no other, and gets the browser's token as any other. */
export function signInByOidc(app: VaultApp, deps: Deps): void {
  app.post(ROOT, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const browser = browserOf(request.headers.cookie, deps.securePages ?? false);
      const { guard = "" } = textsByName(request.body);
      const isOurs = browser !== "" && sameText(guard, formTokenOf(browser)) && !isForeign(request, deps);
      if (!isOurs) return refuse(request, reply, deps, 403, "sign-in.stale");
      return begin(request, reply, deps, browser).catch((error: unknown) => failed(error, request, reply, deps));
    },
  });
  app.get(`${ROOT}/callback`, {
    schema: { hide: true },
    handler: async (request, reply) =>
      comeBack(request, reply, deps).catch((error: unknown) => failed(error, request, reply, deps)),
  });
  done(app, deps);
}

async function begin(request: FastifyRequest, reply: FastifyReply, deps: Deps, browser: string) {
  const { mount = "" } = textsByName(request.params);
  const redirectUri = `${deps.publicUrl}/ui/oidc/${encodeURIComponent(mount)}/callback`;
  const asked = { role: "", redirectUri, clientNonce: nonceOf(browser) };
  const begun = await deps.auth.people.begin(mount, asked, placeOf(request, deps));
  if (!begun || begun.wait) {
    const text = sayFace(languageOf(request))("sign-in.no-oidc", { uri: redirectUri });
    return refuse(request, reply, deps, 400, { text });
  }
  return reply.headers(pageHeaders({ forms: false })).send(leavePage(speakerFor(request), begun.url));
}

/** Only the browser that began it brings the answer: its cookie makes what the login was begun with. */
async function comeBack(request: FastifyRequest, reply: FastifyReply, deps: Deps) {
  const { access, auth, securePages = false } = deps;
  const browser = browserOf(request.headers.cookie, securePages);
  if (browser === "") return refuse(request, reply, deps, 403, "sign-in.stale");
  const answer = new URLSearchParams(rawQuery(request.raw.url ?? ""));
  answer.set("client_nonce", nonceOf(browser));
  const { mount = "" } = textsByName(request.params);
  const login = await auth.people.callback(mount, answer, placeOf(request, deps));
  // A role that asks again by a page of its own is none for this.
  if (!("token" in login)) return refuse(request, reply, deps, 400, "sign-in.stale");
  const made = await access.tokens.signIn(login.principal, "with its login");
  // Away from the address with the code; the cookie goes along only from a page of ours on.
  return reply
    .code(303)
    .headers({ location: DONE, "cache-control": "no-store", "set-cookie": signedIn(made.token, securePages) })
    .send();
}

function nonceOf(browser: string): string {
  return createHmac("sha256", browser).update("coatcheck sign-in").digest("base64url");
}

function done(app: VaultApp, deps: Deps): void {
  app.get(DONE, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const language = languageOf(request);
      const say = sayFace(language);
      const title = say("sign-in.done");
      const body = html`<h1>${title}</h1>
<div class="buttons"><a class="button" href="/ui">${say("sign-in.go-on")}</a></div>`;
      return showAlone(reply, deps, { language, say }, { title, body, next: "/ui" });
    },
  });
}

function refuse(request: FastifyRequest, reply: FastifyReply, deps: Deps, status: number, problem: Problem) {
  return askToSignIn(request, reply, deps, { status, to: "/ui", problem });
}

async function failed(error: unknown, request: FastifyRequest, reply: FastifyReply, deps: Deps) {
  const { status, text, retryAfter } = failureOf(error, request, deps.logger);
  if (retryAfter !== undefined) reply.header("retry-after", String(retryAfter));
  return refuse(request, reply, deps, status, { text });
}
