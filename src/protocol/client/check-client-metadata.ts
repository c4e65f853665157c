import type { JsonObject } from "../response/json.ts";
import { redirectUriProblem, registrable } from "./redirect-uri-rules.ts";
import type { ClientMetadata } from "./registration.ts";
import { uriProblem, type WebUri, webUri } from "./web-uri.ts";

export interface ClientMetadataCheck {
  /** One sentence per rule that is broken; nothing is sent then. */
  readonly violations: readonly string[];
  readonly warnings: readonly string[];
}

/** RFC 7591 2, and `application_type` (OpenID Connect Registration 2). */
const TEXTS = [
  "client_name",
  "client_uri",
  "logo_uri",
  "tos_uri",
  "policy_uri",
  "application_type",
  "token_endpoint_auth_method",
  "scope",
  "jwks_uri",
  "software_id",
  "software_version",
  "software_statement",
];
const LISTS = ["redirect_uris", "grant_types", "response_types", "contacts"];

/** May come in several languages, as `name#lang` (RFC 7591 2.2). */
const TRANSLATED: ReadonlySet<string> = new Set(["client_name", "client_uri", "logo_uri", "tos_uri", "policy_uri"]);

/** RFC 5646, in outline. */
const LANGUAGE = /^[a-z]{2,8}(-[a-z0-9]{1,8})*$/i;

/**
 * Checks client metadata before they are sent (matrix.md MX-R1, MX-R2: the rules of MSC2966, and what the known servers
 * demand beyond it). Unknown members are passed on.
 */
export function checkClientMetadata(metadata: ClientMetadata): ClientMetadataCheck {
  const members = Object.entries(metadata).filter(([, value]) => value !== undefined);
  const client = webUri(metadata.client_uri);
  return {
    violations: [
      ...members.flatMap(([name, value]) => typeProblem(name, value)),
      ...members.flatMap(([name]) => languageProblem(metadata, name)),
      ...clientUriProblem(metadata.client_uri, client),
      ...members.flatMap(([name, value]) => linkProblem(name, value, client)),
      ...redirectProblems(metadata, client),
      ...grantProblems(metadata),
    ],
    warnings: [...members.flatMap(([name]) => nameWarning(name)), ...pathWarnings(members), ...habitWarnings(metadata)],
  };
}

function plainName(name: string): string {
  return name.split("#", 1)[0] ?? name;
}

function typeProblem(name: string, value: unknown): readonly string[] {
  const plain = plainName(name);
  if (TEXTS.includes(plain) && (typeof value !== "string" || value === "")) return [`${name} must be a string`];
  const isList = Array.isArray(value) && value.every((each) => typeof each === "string" && each !== "");
  return LISTS.includes(plain) && !isList ? [`${name} must be a list of strings`] : [];
}

function languageProblem(metadata: ClientMetadata, name: string): readonly string[] {
  const at = name.indexOf("#");
  if (at < 0) return [];
  const plain = name.slice(0, at);
  if (!TRANSLATED.has(plain))
    return TEXTS.includes(plain) ? [`${plain} cannot be translated: write it without "#"`] : [];
  if (!LANGUAGE.test(name.slice(at + 1))) return [`${name}: the part after "#" must be a language tag such as "fr"`];
  return metadata[plain] === undefined ? [`${name} also requires ${plain}, as the default for other languages`] : [];
}

/** A page with a real domain: an address, localhost or a bare suffix is refused by one server or another. */
function clientUriProblem(value: unknown, client: WebUri | undefined): readonly string[] {
  if (value === undefined) {
    return ["client_uri is missing: give the https URL of a page that describes this client"];
  }
  if (typeof value !== "string") return [];
  if (!client) return [`client_uri ${uriProblem(value) ?? "must be an https URL"}`];
  if (!client.hasDomain)
    return ["client_uri must have a real domain name, not an IP address, localhost or a single label"];
  return [];
}

/** Links shown to people must not lead away from the client's own host. */
function linkProblem(name: string, value: unknown, client: WebUri | undefined): readonly string[] {
  const plain = plainName(name);
  const isLink = TRANSLATED.has(plain) && plain !== "client_name" && name !== "client_uri";
  if (!isLink || typeof value !== "string" || value === "") return [];
  const problem = uriProblem(value);
  if (problem !== undefined) return [`${name} ${problem}`];
  if (!client || webUri(value)?.isBelow(client)) return [];
  return [`${name} must be on the host of client_uri (${client.host}) or a subdomain of it`];
}

function redirectProblems(metadata: ClientMetadata, client: WebUri | undefined): readonly string[] {
  const { redirect_uris: uris, application_type: type = "web" } = metadata;
  if (type !== "web" && type !== "native") return ['application_type must be "web" or "native"'];
  if (!Array.isArray(uris)) return [];
  return uris
    .filter((uri) => typeof uri === "string")
    .flatMap((uri) => {
      const problem = redirectUriProblem(uri, type, client);
      return problem === undefined ? [] : [`redirect_uris: ${JSON.stringify(uri)} ${problem}`];
    });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function grantProblems({ grant_types, response_types, redirect_uris }: ClientMetadata): readonly string[] {
  if (!listOf(grant_types).includes("authorization_code")) return [];
  return [
    ...(listOf(redirect_uris).length > 0 ? [] : ["redirect_uris: the grant authorization_code requires at least one"]),
    ...(listOf(response_types).includes("code")
      ? []
      : ['response_types: the grant authorization_code requires "code"']),
  ];
}

function nameWarning(name: string): readonly string[] {
  const plain = plainName(name);
  const known = TEXTS.includes(plain) || LISTS.includes(plain) || plain === "jwks";
  return known ? [] : [`${name} is not a member defined in RFC 7591; it is sent unchanged`];
}

function pathWarnings(members: readonly (readonly [string, unknown])[]): readonly string[] {
  const uris = members.flatMap(([name, value]) => [value].flat().map((each) => [name, each] as const));
  return uris.flatMap(([name, uri]) => {
    const isUri = name.includes("_uri") && typeof uri === "string" && URL.canParse(uri);
    return isUri && /[%+@;,:]/.test(new URL(uri).pathname)
      ? [`${name}: ${JSON.stringify(uri)} has one of % + @ ; , : in its path; one of the known servers refuses these`]
      : [];
  });
}

/** Allowed, and refused or regretted at one of the known servers. */
function habitWarnings(metadata: ClientMetadata): readonly string[] {
  const grants = listOf(metadata.grant_types);
  return [
    ...(grants.includes("refresh_token")
      ? []
      : ["grant_types without refresh_token: logins end when their first token expires"]),
    ...(grants.includes("authorization_code")
      ? []
      : ["grant_types without authorization_code: one of the known servers refuses it, also for device logins"]),
    ...(metadata.token_endpoint_auth_method === undefined
      ? ["token_endpoint_auth_method is missing: one of the known servers then refuses every later request"]
      : []),
  ];
}

/** Members over the defaults; `null` removes one (MX-R1). */
export function withOverrides(defaults: ClientMetadata, overrides: JsonObject): ClientMetadata {
  return Object.fromEntries(Object.entries({ ...defaults, ...overrides }).filter(([, value]) => value !== null));
}

/** What metadata lack that a login needs, as sentences. */
export function lackingFor(
  metadata: ClientMetadata,
  { grantType, redirectUri }: { readonly grantType: string; readonly redirectUri?: string },
): readonly string[] {
  const lacks = (member: string, value: string) => {
    const list = metadata[member];
    const has = Array.isArray(list) && list.includes(value);
    return has ? [] : [`${member} must contain ${JSON.stringify(value)} for this login`];
  };
  const wayBack = redirectUri === undefined ? [] : lacks("redirect_uris", registrable(redirectUri));
  return [...lacks("grant_types", grantType), ...wayBack];
}
