import { randomBytes } from "node:crypto";
import type { ScopeRules } from "./profile.ts";
import { Refusal } from "./refusal.ts";

const STABLE = "urn:matrix:client:";
const UNSTABLE = "urn:matrix:org.matrix.msc2967.client:";

const SPELLING = /^(urn:matrix:client:|urn:matrix:org\.matrix\.msc2967\.client:)/;
const DEVICE = /^urn:matrix:(?:org\.matrix\.msc2967\.)?client:device:(.+)$/;
const DEVICE_ID = /^[A-Za-z0-9._~-]+$/;

/** Matrix scopes that were asked for (MSC2967). */
export interface RequestedScopes {
  readonly scopes: readonly string[];
  readonly device?: string;
  /** The person's page shows an error instead of a question. */
  readonly deadEnd: boolean;
}

/** Reads the `scope` of a request as this server does. Throws `Refusal` for what it refuses at once. */
export function readScopes(scope: string, rules: ScopeRules): RequestedScopes {
  const asked = scope.split(" ").filter((one) => one !== "");
  const known = asked.filter((one) => isKnown(one, rules));
  const mixed = rules.oneSpelling && new Set(asked.flatMap((one) => SPELLING.exec(one)?.[0] ?? [])).size > 1;
  const deadEnd = mixed || known.length < asked.length;
  if (deadEnd && rules.unknown === "refused") throw refusal(rules, "a scope is not known");
  const scopes = rules.unknown === "narrowed" ? known : asked;
  const device = deviceOf(scopes);
  return { scopes, ...(device !== undefined && { device }), deadEnd: deadEnd && rules.unknown === "shown" };
}

/** What is granted in the end. Throws `Refusal` where a device is required and none was asked for. */
export function grantScopes(
  { scopes, device }: RequestedScopes,
  rules: ScopeRules,
): { readonly scopes: readonly string[]; readonly device?: string } {
  const told = (all: readonly string[]) => (rules.sorted ? [...all].sort() : all);
  if (device !== undefined) return { scopes: told(scopes), device };
  if (rules.withoutDevice === "refused") throw refusal(rules, "no device scope");
  if (rules.withoutDevice === "no-device") return { scopes: told(scopes) };
  const picked = randomBytes(5).toString("hex").toUpperCase();
  return { scopes: told([...scopes, `${STABLE}device:${picked}`]), device: picked };
}

function isKnown(scope: string, { shortestDeviceId }: ScopeRules): boolean {
  if (scope === "openid" || scope === `${STABLE}api:*` || scope === `${UNSTABLE}api:*`) return true;
  const device = DEVICE.exec(scope)?.[1] ?? "";
  return device.length >= shortestDeviceId && DEVICE_ID.test(device);
}

function deviceOf(scopes: readonly string[]): string | undefined {
  return scopes.map((one) => DEVICE.exec(one)?.[1]).find((id) => id !== undefined);
}

function refusal({ error }: ScopeRules, description: string): Refusal {
  return new Refusal(error ?? "invalid_scope", description);
}
