import { type Html, html } from "../../html.ts";
import type { FaceKey } from "../../messages/face/index.ts";
import type { Deps } from "../app-types.ts";
import { Refusal } from "./api.ts";
import { type May, mayOf } from "./may.ts";
import type { Visit } from "./visit.ts";

interface Seen {
  /** Below which the token has a rule for something. */
  readonly mounts: readonly string[];
  readonly may: May;
  /** By a rule of its own for labels, too. */
  readonly sessions: boolean;
}

interface Link {
  readonly href: string;
  readonly key: FaceKey & `nav.${string}`;
  readonly isSeen: (seen: Seen) => boolean;
}

const LINKS: readonly Link[] = [
  { href: "/ui", key: "nav.home", isSeen: () => true },
  // Who may read but one credential can open it by its name.
  { href: "/ui/credentials", key: "nav.credentials", isSeen: ({ mounts }) => mounts.length > 0 },
  { href: "/ui/sessions", key: "nav.sessions", isSeen: ({ sessions }) => sessions },
  {
    href: "/ui/servers",
    key: "nav.servers",
    isSeen: ({ mounts, may }) => mounts.some((mount) => may("list", `${mount}/servers/`)),
  },
];

/** The screens that this token sees something on, the present one marked; and the way out. */
export async function navigationOf(visit: Visit, deps: Pick<Deps, "mounts">): Promise<Html> {
  const { say, path, guard } = visit;
  const links = (await linksFor(visit, deps)).map(({ href, key }) => {
    const isHere = href === "/ui" ? /^\/ui(?:\?|$)/.test(path) : path.startsWith(href);
    return html`<li><a href="${href}"${isHere && html` aria-current="page"`}>${say(key)}</a></li>`;
  });
  return html`<nav aria-label="${say("navigation")}"><ul>${links}</ul></nav>
<form class="out" method="post" action="/ui/sign-out">${guard}<button class="quiet small">${say("sign-out")}</button></form>`;
}

/** Whether there is no screen for this token, but the one that says so. */
export async function seesNothing(visit: Visit, deps: Pick<Deps, "mounts">): Promise<boolean> {
  return (await linksFor(visit, deps)).length === 1;
}

async function linksFor(visit: Visit, { mounts }: Pick<Deps, "mounts">): Promise<readonly Link[]> {
  const all = mounts.map((mount) => `${mount}/servers/`);
  const may = await mayOf(visit, [...all, "sessions/", "sessions/own/"]);
  const secret = (await visit.ask("GET", "sys/internal/ui/mounts")).data.of("secret");
  const sessions = may("list", "sessions/") || may("list", "sessions/own/") || (await listsSessions(visit));
  const seen = { may, sessions, mounts: mounts.filter((mount) => secret.knows(`${mount}/`)) };
  return LINKS.filter(({ isSeen }) => isSeen(seen));
}

/** Rules for labels cannot be asked about one by one. */
async function listsSessions({ ask }: Visit): Promise<boolean> {
  try {
    await ask("GET", "/sessions?limit=1");
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.status === 403) return false;
    throw error;
  }
}
