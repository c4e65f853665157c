import type { McpMemory } from "../../process/mcp-memory.ts";

/** Of one caller at one origin; more is no load balancer's doing. Cookies, and characters of one. */
const MOST = 16;
const LONGEST = 4_096;

type Jar = McpMemory["cookies"];

/** MCP-G6: what goes back to an origin that has set cookies for this caller. */
export function cookieHeader(jar: Jar, caller: string, origin: string): Readonly<Record<string, string>> {
  const cookies = jar.get(keyOf(caller, origin));
  if (!cookies || cookies.size === 0) return {};
  return { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") };
}

/** Keeps what an answer sets (RFC 6265 5.2), for that host alone whatever it names; `now` in epoch milliseconds. */
export function keepCookies(jar: Jar, caller: string, origin: string, fields: readonly string[], now: number): void {
  if (fields.length === 0) return;
  const key = keyOf(caller, origin);
  const cookies = new Map(jar.get(key));
  for (const field of fields) {
    const [, name, value = ""] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*([^;]*)/.exec(field) ?? [];
    if (name === undefined || field.length > LONGEST || /[^\x20-\x7e]/.test(value)) continue;
    cookies.delete(name);
    if (!isOver(field, now)) cookies.set(name, value.trim());
  }
  jar.set(key, new Map([...cookies].slice(-MOST)));
}

function isOver(field: string, now: number): boolean {
  const [, seconds] = /;\s*max-age\s*=\s*(-?\d+)/i.exec(field) ?? [];
  if (seconds !== undefined) return Number(seconds) <= 0;
  const [, date] = /;\s*expires\s*=\s*([^;]*)/i.exec(field) ?? [];
  return date !== undefined && Date.parse(date) <= now;
}

function keyOf(caller: string, origin: string): string {
  return `${caller}\n${origin}`;
}
