import type { Found } from "../../import/found.ts";
import { isObject, objectIn, textOf } from "../../import/found.ts";
import { fromMytoken } from "../../import/mytoken.ts";
import { timedFetch } from "../connect/timed-fetch.ts";
import { wayTo } from "../connect/way-to.ts";
import { CliError, EXIT, usage } from "../frame/fail.ts";

export async function readMytoken([address]: readonly string[]): Promise<Found> {
  const url = address === undefined ? null : URL.parse(address);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw usage("give the mytoken server's address: coatcheck server import mytoken https://mytoken.example");
  }
  const place = new URL(".well-known/mytoken-configuration", url.href.replace(/\/*$/, "/"));
  const text = await textAt(place, "the mytoken server");
  if (text === undefined) throw usage(`there is no mytoken server at ${url.href}: it has no ${place.pathname}`);
  return fromMytoken(text);
}

/** The authorization server of a protected resource (RFC 9728 3.1: below the path, then at the root); its own origin, if it names none. */
export async function issuerOf(resource: string): Promise<string> {
  const url = new URL(resource);
  const root = new URL("/.well-known/oauth-protected-resource", url);
  const below = new URL(`${root.pathname}${url.pathname.replace(/\/$/, "")}`, url);
  for (const place of [below, root]) {
    const text = await textAt(place, "the MCP server");
    if (text === undefined) continue;
    const { authorization_servers: servers } = objectIn(text, `what ${place.href} answers`);
    const issuer = Array.isArray(servers) ? textOf(servers[0]) : undefined;
    if (issuer !== undefined) return issuer;
  }
  return url.origin;
}

/** The longest document that is read. Characters. */
const LONGEST = 1_000_000;

/** Undefined where there is none. Throws `unreachable`. */
async function textAt(place: URL, what: string): Promise<string | undefined> {
  const fetch = timedFetch((await wayTo(place, what)) ?? globalThis.fetch);
  try {
    const answer = await fetch(place, { headers: { accept: "application/json" }, redirect: "error" });
    const text = await answer.text();
    return answer.ok && text.length <= LONGEST ? text : undefined;
  } catch (error) {
    if (isObject(error) && textOf(error.code) === "unreachable") throw error;
    throw new CliError("unreachable", `${what} at ${place.origin} cannot be reached`, { exit: EXIT.broker });
  }
}
