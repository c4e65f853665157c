import { type Html, html } from "../../html.ts";
import { mountIn } from "./credentials/paths.ts";
import type { Visit } from "./visit.ts";

/**
 * The mount of a screen that lists something: the one that its address names; else the first where the token may list the first of these
 * paths of the API. All of them are asked about at once.
 */
export async function mountFor(visit: Visit, pathsIn: (mount: string) => readonly [string, ...string[]]) {
  const { query, mounts } = visit;
  if (query.mount !== undefined) return mountIn(query, visit);
  const may = await visit.may(...mounts.flatMap(pathsIn));
  return mounts.find((mount) => may("list", pathsIn(mount)[0])) ?? mountIn(query, visit);
}

/** Ways to the same screen of the other mounts that the token sees, the present one marked. */
export function mountLinks({ say, mounts }: Visit, screen: string, mount: string): Html {
  if (mounts.length < 2) return html``;
  const links = mounts.map((one) => {
    const address = `${screen}?${new URLSearchParams({ mount: one }).toString()}`;
    return html`<li><a href="${address}"${one === mount && html` aria-current="page"`}>${one}</a></li>`;
  });
  return html`<nav class="areas" aria-label="${say("nav.mounts")}"><ul>${links}</ul></nav>\n`;
}
