import { type Html, html } from "../../html.ts";
import type { FaceKey } from "../../messages/face/index.ts";
import type { Deps } from "../app-types.ts";
import { type May, mayOf } from "./may.ts";
import type { Visit } from "./visit.ts";

interface Seen {
  /** Below which the token has a rule for something. */
  readonly mounts: readonly string[];
  readonly may: May;
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
  const may = await mayOf(
    visit,
    mounts.map((mount) => `${mount}/servers/`),
  );
  const secret = (await visit.ask("GET", "sys/internal/ui/mounts")).data.of("secret");
  const seen = { may, mounts: mounts.filter((mount) => secret.knows(`${mount}/`)) };
  return LINKS.filter(({ isSeen }) => isSeen(seen));
}
