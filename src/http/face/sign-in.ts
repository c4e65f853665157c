import type { FastifyReply, FastifyRequest } from "fastify";
import type { Principal } from "../../access/authenticator.ts";
import { BrokerError } from "../../broker/errors.ts";
import { html } from "../../html.ts";
import { type PlainFaceKey, sayFace } from "../../messages/face/index.ts";
import { sameText } from "../../process/same-text.ts";
import { failureOf } from "../answer/errors.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { holderOf } from "../gate/guard.ts";
import { isForeign } from "../gate/origins.ts";
import { textsByName } from "../input/texts-by-name.ts";
import { browserCookie, browserOf, newBrowser } from "../pages/browser-cookie.ts";
import { formTokenOf, signedIn, signedOut, tokenInCookie } from "./cookie.ts";
import { showAlone } from "./frame.ts";
import { oidcButtons } from "./sign-in-buttons.ts";
import { goTo, guardField, languageOf } from "./visit.ts";

export type Problem = (PlainFaceKey & `sign-in.${string}`) | { readonly text: string; readonly isOfToken?: boolean };

/** Whether it is the token that was entered, for which another one helps: not the form, the address, the store, or what was there before. */
function isOfToken(problem: Problem | undefined): boolean {
  if (typeof problem === "object") return problem.isOfToken ?? false;
  return problem === "sign-in.empty" || problem === "sign-in.wrong";
}

/** `/ui/sign-in`: a token for a cookie. Logins of other kinds (`auth/…`) end in the same way: in `enter`. */
export function signIn(app: VaultApp, deps: Deps): void {
  app.get("/ui/sign-in", {
    schema: { hide: true },
    handler: async (request, reply) => askToSignIn(request, reply, deps, { status: 200, to: "/ui" }),
  });
  app.post("/ui/sign-in", {
    schema: { hide: true },
    handler: async (request, reply) => {
      const form = textsByName(request.body);
      const to = ownPath(form.to ?? "");
      const refuse = (status: number, problem: Problem) => askToSignIn(request, reply, deps, { status, to, problem });
      const browser = browserOf(request.headers.cookie, deps.securePages ?? false);
      const isOurs = browser !== "" && sameText(form.guard ?? "", formTokenOf(browser));
      if (!isOurs || isForeign(request, deps)) return refuse(403, "sign-in.stale");
      const token = (form.token ?? "").trim();
      if (token === "") return refuse(400, "sign-in.empty");
      try {
        const holder = await holderOf(token, request, deps);
        if (!holder) return refuse(403, "sign-in.wrong");
        const made = await deps.access.tokens.signIn(holder);
        return enter(reply, deps, made.token, to);
      } catch (error) {
        const { status, text, retryAfter } = failureOf(error, request, deps.logger);
        if (retryAfter !== undefined) reply.header("retry-after", String(retryAfter));
        return refuse(status, { text, isOfToken: error instanceof BrokerError && error.kind === "refused" });
      }
    },
  });
}

function enter(reply: FastifyReply, { securePages = false }: Deps, token: string, to: string) {
  return goTo(reply.header("set-cookie", signedIn(token, securePages)), to);
}

interface Asked {
  readonly status: number;
  /** Where to go on. */
  readonly to: string;
  readonly problem?: Problem | undefined;
  /** What the browser has as a token is none any more. */
  readonly hasEnded?: boolean;
}

/** In the place of any screen: who signs in goes on there. A token that has ended is taken out of the browser. */
export async function askToSignIn(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: Deps,
  { status, to, problem, hasEnded = false }: Asked,
) {
  const { securePages = false } = deps;
  const language = languageOf(request);
  const say = sayFace(language);
  const known = browserOf(request.headers.cookie, securePages);
  const browser = known === "" ? newBrowser() : known;
  // A script that only looks leaves it to the page, which says so.
  const isLook = request.headers["sec-fetch-dest"] === "empty";
  const cookies = [
    ...(known === "" ? [browserCookie(browser, securePages)] : []),
    ...(hasEnded && !isLook ? [signedOut(securePages)] : []),
  ];
  const text = typeof problem === "string" ? say(problem) : problem?.text;
  const isWrong = isOfToken(problem);
  const body = html`<h1>${say("sign-in.title")}</h1>
<p>${say("sign-in.lead")}</p>
${text !== undefined && html`<p class="problem" role="alert" id="problem">${text}</p>\n`}<form method="post" action="/ui/sign-in">
${guardField(browser)}<input type="hidden" name="to" value="${ownPath(to)}">
<label for="token">${say("sign-in.token")}</label>
<input id="token" name="token" type="password" required autofocus autocomplete="off" autocapitalize="none" spellcheck="false"
 aria-describedby="${isWrong && "problem "}help"${isWrong && html` aria-invalid="true"`}>
<span class="help" id="help">${say("sign-in.help")}</span>
<div class="buttons"><button type="submit">${say("sign-in.submit")}</button></div>
</form>
${await oidcButtons(deps, say, guardField(browser))}`;
  if (cookies.length > 0) reply.header("set-cookie", cookies);
  return showAlone(reply, deps, { language, say }, { title: say("sign-in.title"), body, status });
}

/** A path of the dashboard, or its first one: nobody is sent anywhere else. */
function ownPath(to: string): string {
  return /^\/ui(?:[/?][\x21-\x7e]*)?$/.test(to) && !/^\/ui\/sign-(?:in|out)/.test(to) ? to : "/ui";
}

/** The token of a login that was made for this browser alone: what hangs on it goes along. */
async function loginOf({ access }: Deps, { token }: Principal): Promise<Principal | undefined> {
  const { meta = {}, parent } = token ?? {};
  return meta.ends === "with its login" && parent !== undefined ? access.tokens.find({ accessor: parent }) : undefined;
}

/** `/ui/sign-out`: the browser's token is revoked; a form that another site sent does nothing. */
export function signOut(app: VaultApp, deps: Deps): void {
  app.post("/ui/sign-out", {
    schema: { hide: true },
    // Whose it is, for the audit log; one that has ended is nobody's, and no guess at one.
    onRequest: async (request) => {
      const token = tokenInCookie(request.headers.cookie, deps.securePages ?? false);
      if (token !== "" && (await deps.access.tokens.find({ token }))) await holderOf(token, request, deps);
    },
    handler: async (request, reply) => {
      const { securePages = false, access } = deps;
      const token = tokenInCookie(request.headers.cookie, securePages);
      const isOurs = sameText(textsByName(request.body).guard ?? "", formTokenOf(token)) && !isForeign(request, deps);
      if (token === "" || !isOurs) return goTo(reply, "/ui");
      const holder = await access.tokens.find({ token });
      // A cookie that somebody filled with another token takes nothing away but itself.
      if (holder?.path === "ui/sign-in") await access.tokens.revoke((await loginOf(deps, holder)) ?? holder);
      const language = languageOf(request);
      const say = sayFace(language);
      reply.header("set-cookie", signedOut(securePages));
      const body = html`<h1>${say("signed-out.title")}</h1>
<p>${say("signed-out.text")}</p>
<div class="buttons"><a class="button" href="/ui">${say("signed-out.again")}</a></div>`;
      return showAlone(reply, deps, { language, say }, { title: say("signed-out.title"), body });
    },
  });
}
