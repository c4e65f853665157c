import type { FastifyReply, FastifyRequest } from "fastify";
import { type Html, html } from "../../html.ts";
import { htmlHeaders, policyOf, wholePage } from "../../look/document.ts";
import type { FaceLanguage, SayFace } from "../../messages/face/index.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { navigationOf } from "./navigation.ts";
import { FACE_STYLE } from "./style.ts";
import { requireSignedIn, type Visit } from "./visit.ts";

export interface Screen {
  readonly title: string;
  readonly body: Html;
  /** By default 200. */
  readonly status?: number;
  /** Seconds after which what is marked `data-live` is asked for again, where a script can. */
  readonly again?: number;
  /** Where a browser goes on to by itself. */
  readonly next?: string;
}

/** Its own scripts, requests and forms, and nothing else. Our own server's HTML is the only one that the script takes in. */
const POLICY = policyOf(
  {
    "script-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "coatcheck-face",
  },
  FACE_STYLE,
);

/** `Origin` is told to ourselves, or a form of ours could not be known by it. */
const HEADERS = { ...htmlHeaders(POLICY), "referrer-policy": "same-origin", vary: "cookie, accept-language" };

/** A screen, with the ways to the others that this token sees. */
export async function show(reply: FastifyReply, visit: Visit, deps: Deps, screen: Screen) {
  const links = await navigationOf(visit, deps);
  return sendScreen(reply, deps, visit, screen, links);
}

/** A screen of its own address, for whoever has signed in. */
export function screenAt(
  app: VaultApp,
  deps: Deps,
  url: string,
  screen: (visit: Visit, request: FastifyRequest) => Promise<Screen>,
): void {
  app.get(url, {
    schema: { hide: true },
    handler: async (request, reply) => {
      const visit = requireSignedIn(request);
      return show(reply, visit, deps, await screen(visit, request));
    },
  });
}

interface Speaker {
  readonly language: FaceLanguage;
  readonly say: SayFace;
}

/** One thing to do or to know, for somebody who is not signed in. */
export function showAlone(reply: FastifyReply, deps: Deps, speaker: Speaker, screen: Screen) {
  return sendScreen(reply, deps, speaker, screen, undefined);
}

function sendScreen(
  reply: FastifyReply,
  { walkFiles }: Deps,
  { language, say }: Speaker,
  { title, body, status = 200, again, next }: Screen,
  links: Html | undefined,
) {
  const script = html`<script type="module" src="/walk/${walkFiles().entries.face}"></script>\n`;
  const away = html`<p class="warning away" role="status" hidden data-away="${say("away")}"></p>\n`;
  const page = wholePage({
    title,
    language,
    brand: { name: "Coatcheck", href: links ? "/ui" : "/" },
    shape: links ? "wide" : "card",
    head: next === undefined ? links && script : html`<meta http-equiv="refresh" content="0; url=${next}">\n`,
    navigation: links && { links, skip: say("skip") },
    ...(again !== undefined && { data: { again: String(again) } }),
    style: FACE_STYLE,
    body: html`${links && away}${body}`,
  });
  return reply
    .code(status)
    .headers({ ...HEADERS, "content-language": language })
    .send(page);
}
