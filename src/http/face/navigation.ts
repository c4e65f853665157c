import { type Html, html } from "../../html.ts";
import type { FaceKey } from "../../messages/face/index.ts";
import type { Deps } from "../app-types.ts";
import { isRecord, Refusal } from "./api.ts";
import type { Visit } from "./visit.ts";

/** What a token may do at the paths that were asked for; undefined where it may not ask. */
type Capabilities = Readonly<Record<string, readonly unknown[]>> | undefined;

interface Seen {
  readonly mounts: readonly string[];
  readonly may: (capability: string, path: string) => boolean;
}

interface Link {
  readonly href: string;
  readonly key: FaceKey & `nav.${string}`;
  readonly isSeen: (seen: Seen) => boolean;
}

const LINKS: readonly Link[] = [{ href: "/ui", key: "nav.home", isSeen: () => true }];

/** The screens that this token sees something on, the present one marked; and the way out. */
export async function navigationOf(visit: Visit, deps: Pick<Deps, "mounts">): Promise<Html> {
  const { say, path, guard } = visit;
  const seen = await lookAround(visit, deps);
  const links = LINKS.filter(({ isSeen }) => isSeen(seen)).map(({ href, key }) => {
    const isHere = href === "/ui" ? /^\/ui(?:\?|$)/.test(path) : path.startsWith(href);
    return html`<li><a href="${href}"${isHere && html` aria-current="page"`}>${say(key)}</a></li>`;
  });
  return html`<nav aria-label="${say("navigation")}"><ul>${links}</ul></nav>
<form class="out" method="post" action="/ui/sign-out">${guard}<button class="quiet small">${say("sign-out")}</button></form>`;
}

async function lookAround({ ask }: Visit, { mounts }: Pick<Deps, "mounts">): Promise<Seen> {
  const paths = mounts.flatMap((mount) => [`${mount}/servers/`]);
  const capabilities = await capabilitiesAt(ask, paths);
  const { data } = await ask("GET", "sys/internal/ui/mounts");
  const secret = isRecord(data.secret) ? data.secret : {};
  return {
    mounts: mounts.filter((mount) => `${mount}/` in secret),
    may: (capability, path) => {
      if (!capabilities) return true;
      const { [path]: found = [] } = capabilities;
      return found.includes(capability) || found.includes("root");
    },
  };
}

/** A token without the policy `default` may not ask; then each screen says for itself what is refused. */
async function capabilitiesAt(ask: Visit["ask"], paths: readonly string[]): Promise<Capabilities> {
  try {
    const { data } = await ask("POST", "sys/capabilities-self", { paths });
    return Object.fromEntries(
      Object.entries(data).flatMap(([path, found]) => (Array.isArray(found) ? [[path, found]] : [])),
    );
  } catch (error) {
    if (error instanceof Refusal && error.status === 403) return undefined;
    throw error;
  }
}
