import type { FastifyReply, FastifyRequest } from "fastify";
import { type Html, html } from "../../html.ts";
import { FACE_LANGUAGES, type FaceLanguage, type SayFace, sayFace } from "../../messages/face/index.ts";
import { chooseLanguage } from "../../messages/language.ts";
import { sameText } from "../../process/same-text.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { holderOf } from "../gate/guard.ts";
import { isForeign } from "../gate/origins.ts";
import { textsByName } from "../input/texts-by-name.ts";
import { type Ask, askAs } from "./api.ts";
import { formTokenOf, hasSecond, tokenInCookie } from "./cookie.ts";
import type { Facts } from "./facts.ts";
import { findHidden, hide } from "./hidden.ts";
import { type May, mayBy } from "./may.ts";
import { linkPaths } from "./screens.ts";

/** A person at a screen. */
export interface Visit {
  readonly language: FaceLanguage;
  readonly say: SayFace;
  readonly ask: Ask;
  /** What the token may do at these paths of the API. */
  readonly may: (...paths: readonly string[]) => Promise<May>;
  /** The mounts below which the token has a rule for something. */
  readonly seen: readonly string[];
  /** Those that there are for it: others it is told nothing of, also not by a choice of names. Where it sees none, the first. */
  readonly mounts: readonly string[];
  /** What the API tells of each (`sys/internal/ui/mounts`), by its name with a slash. */
  readonly mountFacts: Facts;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Of what was asked for. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** What a form sent; empty for a look. */
  readonly form: Readonly<Record<string, string>>;
  /** In every form. */
  readonly guard: Html;
  /** For an address that must not say it; and back, undefined for what is of another sign-in. */
  readonly hide: (text: string) => string;
  readonly findHidden: (hidden: string) => string | undefined;
}

/** Nobody is signed in, or not any more. */
export class SignedOut extends Error {
  override readonly name = "SignedOut";
  /** What is wrong with what the browser has kept, if it has anything. */
  readonly problem: "sign-in.ended" | "sign-in.two" | undefined;

  constructor(problem?: SignedOut["problem"]) {
    super("signed out");
    this.problem = problem;
  }
}

/** A form that no page of ours made for this browser. */
export class ForeignForm extends Error {
  override readonly name = "ForeignForm";
  readonly key: "error.foreign" | "error.stale";

  constructor(key: ForeignForm["key"]) {
    super(key);
    this.key = key;
  }
}

const visits = new WeakMap<FastifyRequest, Visit>();

/** Of a request that `requireVisit` let in. */
export function visitOf(request: FastifyRequest): Visit | undefined {
  return visits.get(request);
}

/** Of a request that got past the hooks. */
export function requireSignedIn(request: FastifyRequest): Visit {
  const visit = visits.get(request);
  if (!visit) throw new SignedOut();
  return visit;
}

/** Hooks: who is signed in, before a body is read; then that a form is one of ours. */
export function requireVisit(app: VaultApp, deps: Deps): void {
  app.addHook("onRequest", async (request) => {
    const { securePages = false } = deps;
    const { cookie } = request.headers;
    if (hasSecond(cookie, securePages)) throw new SignedOut("sign-in.two");
    const token = tokenInCookie(cookie, securePages);
    if (token === "") throw new SignedOut();
    const holder = await holderOf(token, request, deps);
    // Only what signing in made: no other token, of few uses or of no end, has a place in a browser.
    if (holder?.path !== "ui/sign-in") throw new SignedOut("sign-in.ended");
    if (request.method === "POST" && isForeign(request, deps)) throw new ForeignForm("error.foreign");
    visits.set(request, await visitBy(app, deps, request, token));
  });
  app.addHook("preHandler", async (request) => {
    const visit = visits.get(request);
    if (!visit || request.method !== "POST") return;
    const token = tokenInCookie(request.headers.cookie, deps.securePages ?? false);
    const form = textsByName(request.body);
    if (!sameText(form.guard ?? "", formTokenOf(token))) throw new ForeignForm("error.stale");
    visits.set(request, { ...visit, form });
  });
}

async function visitBy(
  app: VaultApp,
  { clock, mounts: list }: Deps,
  request: FastifyRequest,
  token: string,
): Promise<Visit> {
  const language = screenLanguageOf(request);
  const ask = askAs(app, request, token);
  const mountFacts = (await ask("GET", "sys/internal/ui/mounts")).data.of("secret");
  const all = list.paths();
  const seen = all.filter((mount) => mountFacts.knows(`${mount}/`));
  const mounts = seen.length > 0 ? seen : all.slice(0, 1);
  return {
    language,
    say: sayFace(language),
    ask,
    may: mayBy(ask, linkPaths(mounts, list.first)),
    ...{ seen, mounts, mountFacts },
    now: clock.now(),
    path: request.url,
    query: textsByName(request.query),
    form: {},
    guard: guardField(token),
    hide: (text) => hide(text, token),
    findHidden: (hidden) => findHidden(hidden, token),
  };
}

export function guardField(secret: string): Html {
  return html`<input type="hidden" name="guard" value="${formTokenOf(secret)}">`;
}

/** Screens that people see who operate nothing; the texts of the others are in English alone. */
const FOR_PEOPLE = /^\/ui(?:\/(?:mine|sessions(?:\/[^?]*)?|sign-out))?(?:\?|$)/;

function screenLanguageOf(request: FastifyRequest): FaceLanguage {
  return FOR_PEOPLE.test(request.url) ? languageOf(request) : FACE_LANGUAGES[0];
}

export function languageOf({ headers }: Pick<FastifyRequest, "headers">): FaceLanguage {
  return chooseLanguage(FACE_LANGUAGES, undefined, headers["accept-language"]);
}

/** After what a form did: a look at a page, which may be reloaded. */
export function goTo(reply: FastifyReply, path: string) {
  return reply.code(303).headers({ location: path, "cache-control": "no-store" }).send();
}
