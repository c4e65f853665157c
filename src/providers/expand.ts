import type { AuthMethod, AuthorizationServer } from "../protocol/client.ts";
import type { ExtraParameters } from "../protocol/extra-parameters.ts";
import type { IssuerPlaceholder } from "../protocol/identity/id-token-claims.ts";
import type { Quirks } from "../protocol/quirks.ts";
import { parseJsonObject } from "../protocol/response/json.ts";
import { namesOf } from "./api-server-name.ts";
import { type ExpandedApiServer, expandApiServer } from "./expand-api-server.ts";
import type { AccountCall, Endpoints, Provider, Rotation } from "./provider.ts";
import { parseRotation } from "./rotation.ts";

type Options = Readonly<Record<string, string>>;

/** A provider with its options filled in: what the broker works with. */
export interface Expanded {
  readonly discovery?: string;
  readonly endpoints: Endpoints;
  readonly quirks: Quirks;
  readonly authMethod?: AuthMethod;
  readonly deviceAuthentication: boolean;
  readonly openid: boolean;
  readonly extraDataFields: readonly string[];
  readonly issuerAliases: readonly string[];
  readonly issuerPlaceholder?: IssuerPlaceholder;
  /** Hosts besides the server's own where people may be sent to. */
  readonly verificationHosts: readonly string[];
  readonly verificationPages?: "issuer";
  readonly showsUserAgent: boolean;
  readonly expiryHint?: string;
  /** The URL still holds `{client_id}`: see `expandRevocationUrl`. */
  readonly revocationCall?: NonNullable<Provider["revocationCall"]>;
  readonly account?: AccountCall;
  readonly rotation: Rotation;
  /** Sent with every request for a token. */
  readonly parameters: ExtraParameters;
  readonly devicePkce: "auto" | "always" | "never";
  /** Seconds; 0 = not known. */
  readonly defaultExpirySeconds: number;
  readonly authorizationParameters: Readonly<Record<string, string>>;
  /** Said where a login begins, in the link and in a device request. */
  readonly loginParameters: Readonly<Record<string, string>>;
  readonly apiServer?: ExpandedApiServer;
}

/** Of each provider, the last expansions: a request asks for the same one several times, which is a twentieth of an import. */
const expansions = new WeakMap<Provider, Map<string, Expanded>>();

/** More than that of one provider are forgotten together. */
const MOST_EXPANSIONS = 64;

/** Fills in the templates. Server options win over the credential's, those over the defaults; an empty one is absent. */
export function expandProvider(provider: Provider, serverOptions: Options, credentialOptions: Options): Expanded {
  const known = expansions.get(provider) ?? new Map<string, Expanded>();
  const key = JSON.stringify([serverOptions, credentialOptions]);
  const found = known.get(key);
  if (found) return found;
  if (known.size >= MOST_EXPANSIONS) known.clear();
  const made = expand(provider, serverOptions, credentialOptions);
  expansions.set(provider, known.set(key, made));
  return made;
}

function expand(provider: Provider, serverOptions: Options, credentialOptions: Options): Expanded {
  const given = { ...knownOptions(provider, credentialOptions), ...withoutEmpty(serverOptions) };
  const options = { ...defaultsOf(provider), ...given };
  const authMethod = methodOf(provider, options);
  const ofApi = { ...options, ...apiOf(provider, options) };
  const call = filledCall(provider.revocationCall, ofApi);
  const account = filledCall(provider.account, ofApi);
  const discovery = discoveryOf(provider, options);
  return {
    endpoints: endpointsOf(provider, options),
    quirks: quirksOf(provider, options),
    deviceAuthentication: provider.deviceAuthentication ?? true,
    openid: provider.openid ?? false,
    extraDataFields: listOf(options.extra_data_fields ?? ""),
    issuerAliases: provider.issuerAliases ?? [],
    verificationHosts: [...(provider.verificationHosts ?? []), ...namesOf(serverOptions.verification_hosts ?? "")],
    rotation: rotationOf(provider, options),
    parameters: parametersOf(options),
    devicePkce: devicePkceOf(options),
    defaultExpirySeconds: provider.defaultExpirySeconds ?? 0,
    authorizationParameters: provider.authorizationParameters ?? {},
    loginParameters: (parseJsonObject(options.auth_params ?? "") ?? {}) as Readonly<Record<string, string>>,
    showsUserAgent: provider.showsUserAgent ?? false,
    ...(provider.verificationPages !== undefined && { verificationPages: provider.verificationPages }),
    ...(provider.expiryHint !== undefined && { expiryHint: provider.expiryHint }),
    ...(discovery !== undefined && { discovery }),
    ...(provider.issuerPlaceholder && { issuerPlaceholder: provider.issuerPlaceholder }),
    ...(provider.apiServer && { apiServer: expandApiServer(provider.apiServer, serverOptions, credentialOptions) }),
    ...(authMethod !== undefined && { authMethod }),
    ...(call !== undefined && { revocationCall: call }),
    ...(account !== undefined && { account }),
  };
}

function discoveryOf({ discovery, discoveryWithout = "" }: Provider, options: Options): string | undefined {
  return discovery === undefined || options[discoveryWithout] !== undefined
    ? undefined
    : fill(discovery, options, true);
}

/** The URL of a provider's own revocation call. */
export function expandRevocationUrl(call: { readonly url: string }, clientId: string): string {
  return call.url.replace("{client_id}", segment(clientId));
}

/** The page where an application is registered; undefined when there is none, or an option of its URL is missing. */
export function registrationPage(provider: Provider, serverOptions: Options): string | undefined {
  const { register } = provider;
  const options = { ...defaultsOf(provider), ...withoutEmpty(serverOptions) };
  return register === undefined ? undefined : fill(register, options, false);
}

function defaultsOf(provider: Provider): Record<string, string> {
  const rules = Object.entries(provider.options ?? {});
  const defaults = rules.flatMap(([name, rule]) => (rule.default === undefined ? [] : [[name, rule.default]]));
  return { ...provider.optionDefaults, ...Object.fromEntries(defaults) };
}

/** Of a credential's options only those the provider knows; the rest is stored and ignored. */
function knownOptions(provider: Provider, options: Options): Options {
  const known = provider.credentialOptions ?? {};
  return Object.fromEntries(Object.entries(withoutEmpty(options)).filter(([name]) => Object.hasOwn(known, name)));
}

function withoutEmpty(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== ""));
}

function endpointsOf(provider: Provider, options: Options): Endpoints {
  const filled = Object.entries(provider.endpoints ?? {}).flatMap(([name, template]) => {
    const url = fill(template, options, false);
    return url === undefined ? [] : [[name, url]];
  });
  return Object.fromEntries(filled);
}

/** Undefined when an option of the template is missing. A leading option is a URL, any other a path segment. */
function fill(template: string, options: Options, exact: boolean): string | undefined {
  let missing = false;
  const url = template.replace(/\{(\w+)\}/g, (all, name: string, at: number) => {
    if (name === "client_id") return all;
    const value = options[name] ?? "";
    // Dot segments would climb out of their place in the path, escaped or not.
    if (value === "" || (at > 0 && /^\.{1,2}$/.test(value))) missing = true;
    if (at > 0) return segment(value);
    // An issuer is compared byte for byte, so it stays as it was given.
    return exact || template === all ? value : withoutSlash(value);
  });
  return missing ? undefined : url;
}

/** Path-escaped; half a surrogate pair, on which `encodeURIComponent` throws, becomes U+FFFD. */
function segment(value: string): string {
  return encodeURIComponent(value.replaceAll(/\p{Surrogate}/gu, "\ufffd"));
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, "");
}

function quirksOf(provider: Provider, options: Options): Quirks {
  const variants = Object.entries(provider.variants ?? {}).map(([name, byValue]) => byValue[options[name] ?? ""] ?? {});
  const separator = provider.separatorOption === undefined ? undefined : options[provider.separatorOption];
  const separated =
    separator === undefined || separator === "" ? {} : { scopeSeparator: separator, scopeSeparatorInRequests: true };
  const path = options[provider.tokenPathOption ?? ""] ?? "";
  const quirks: Quirks = Object.assign({}, provider.quirks, ...variants, separated, path !== "" && { tokenPath: path });
  const codes = parseJsonObject(options[provider.errorCodesOption ?? ""] ?? "");
  return codes ? { ...quirks, errorCodes: { ...quirks.errorCodes, ...(codes as Record<string, string>) } } : quirks;
}

function parametersOf({ audience = "", resource = "", request_parameters: more = "" }: Options): ExtraParameters {
  const own = Object.entries(parseJsonObject(more) ?? {}).map(([name, value]) => [name, String(value)] as const);
  const resources = listOf(resource).map((uri) => ["resource", uri] as const);
  return [...(audience === "" ? [] : [["audience", audience] as const]), ...resources, ...own];
}

/** Unknown parameters are ignored by the standard (RFC 6749 3.1) and refused by some: nothing is tried on a preset. */
function devicePkceOf({ device_pkce: value }: Options): Expanded["devicePkce"] {
  return value === "auto" || value === "always" ? value : "never";
}

function methodOf({ methodOption, authMethod }: Provider, options: Options): AuthMethod | undefined {
  return methodOption?.methods[options[methodOption.name] ?? ""] ?? authMethod;
}

function rotationOf({ rotationOption, rotation }: Provider, options: Options): Rotation {
  return parseRotation(options[rotationOption ?? ""] ?? "") ?? rotation;
}

/** A provider's own call, at its own host or where it is hosted instead. */
function filledCall<T extends { readonly url: string }>(call: T | undefined, options: Options): T | undefined {
  return call && { ...call, url: fill(call.url, options, false) ?? call.url };
}

/** Where its API is. */
function apiOf({ api, options: rules }: Provider, options: Options): Options {
  if (!api) return {};
  const { base_url: base = "" } = options;
  const host = URL.parse(base)?.hostname ?? "";
  const { url, selfHosted, inDomain } = api;
  const elsewhere = inDomain && host.endsWith(`.${inDomain.domain}`) ? inDomain.url : selfHosted;
  const template = withoutSlash(base) === (rules?.base_url?.default ?? "") ? url : elsewhere;
  return { api_url: fill(template, { ...options, base_host: host }, false) ?? url };
}

/** The parts of a comma list, trimmed, without empty ones. */
export function listOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** The metadata of a provider without discovery, by the members of RFC 8414. */
export function metadataOfProvider({ endpoints }: Expanded): AuthorizationServer {
  // Without an issuer of its own the token endpoint names the server; nothing is compared with it then.
  return { issuer: endpoints.issuer ?? endpoints.token ?? "", ...endpointMembers(endpoints) };
}

/** The metadata with which a refresh is asked for. */
export function metadataForRefresh({ endpoints: { refresh } }: Expanded, as: AuthorizationServer): AuthorizationServer {
  return refresh === undefined ? as : { ...as, token_endpoint: refresh };
}

/** The endpoints that have a URL, by the members of RFC 8414. */
export function endpointMembers(endpoints: Endpoints): Partial<AuthorizationServer> {
  const { authorization, token, deviceAuthorization, revocation, registration } = endpoints;
  return {
    ...(authorization !== undefined && { authorization_endpoint: authorization }),
    ...(token !== undefined && { token_endpoint: token }),
    ...(deviceAuthorization !== undefined && { device_authorization_endpoint: deviceAuthorization }),
    ...(revocation !== undefined && { revocation_endpoint: revocation }),
    ...(registration !== undefined && { registration_endpoint: registration }),
  };
}
