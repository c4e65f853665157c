import { type Html, html } from "../../html.ts";
import type { Deps } from "../app-types.ts";
import { orNothing } from "./api.ts";
import { LINKS, type Link } from "./screens.ts";
import type { Visit } from "./visit.ts";

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

/** Whether a screen is linked for this token. */
export async function seesScreen(visit: Visit, deps: Pick<Deps, "mounts">, screen: string): Promise<boolean> {
  return (await linksFor(visit, deps)).some(({ href }) => href === screen);
}

async function linksFor(visit: Visit, { mounts: { first } }: Pick<Deps, "mounts">): Promise<readonly Link[]> {
  const may = await visit.may();
  const isTold = async (whose: string) =>
    (await orNothing(visit.ask("GET", `/sessions?whose=${whose}&limit=1`), 403)) !== undefined;
  // Rules for labels cannot be asked about one by one; and not everybody has signed in as somebody.
  const others = may("list", "sessions/") || (await isTold("others"));
  const own = may("list", "sessions/own/") || (may("list", "sessions/mine/") && (others || (await isTold("mine"))));
  return LINKS.filter(({ isSeen }) => isSeen({ may, mounts: visit.mounts, seen: visit.seen, first, others, own }));
}
