import type { Quirks } from "../protocol/quirks.ts";
import { findProvider, providerIds } from "./index.ts";
import type { OptionRule, Provider } from "./provider.ts";

const REDIRECT =
  "The redirect URI to register: `http://127.0.0.1:8214/callback` for a person's own broker (docs/cli.md), `PUBLIC_URL/v1/oauth2/callback` for any other. Where another one is named below, it is that for a person's own broker; where a provider accepts neither, register one that it does, and give it with `coatcheck server add --redirect-uri`.";

/** `docs/providers.md`: the current version of every provider, from its data. */
export function providersMarkdown(): string {
  const providers = providerIds().flatMap((id) => findProvider(id) ?? []);
  return [
    "# Providers",
    "<!-- Generated from src/providers by `npm run generate`; change it there. -->",
    "The values of `provider` in a server record, and what is specific to each.",
    REDIRECT,
    overview(providers),
    ROTATIONS,
    ...providers.map(section),
  ]
    .join("\n\n")
    .concat("\n");
}

const ROTATIONS = `The column "Refresh tokens" says what happens to a refresh token after its use. \`none\`: it stays valid, and no new one is
issued. \`reusable\`: it stays valid beside the new one. \`until-successor-used\`: it stays valid until one of the new tokens is
used. \`grace\`: it stays valid for the given number of seconds; a request whose answer was lost is repeated within that time.
\`strict\`: it is invalid immediately, and using it again ends the grant. Set the option if you know the rule: the default is
\`strict\`.`;

function overview(providers: readonly Provider[]): string {
  const rows = providers.map((provider) => [
    `[${code(provider.id)}](#${provider.id}) ${provider.version}`,
    authentication(provider),
    deviceFlow(provider),
    revocation(provider),
    rotation(provider),
    `[link](${provider.docs})`,
  ]);
  return table(
    ["Provider, version", "Client authentication", "Device flow", "Revocation", "Refresh tokens", "Documentation"],
    rows,
  );
}

function section(provider: Provider): string {
  return [
    `## ${provider.id}`,
    registration(provider),
    endpoints(provider),
    api(provider),
    account(provider),
    options(provider),
    quirks(provider),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function endpoints({
  discovery,
  discoveryWithout,
  apiServer,
  endpoints: known = {},
  optionDefaults = {},
}: Provider): string {
  if (apiServer)
    return `Endpoints: those of the ${apiServer.ladder.noun}'s authorization server, found from ${code(apiServer.option)}.`;
  const unless = discoveryWithout === undefined ? "" : `, unless ${code(discoveryWithout)} is given`;
  const found = discovery === undefined ? [] : [`Endpoints: discovery at ${code(discovery)}${unless}.`];
  const rows = Object.entries(known).map(([name, url]) => [ENDPOINTS[name as keyof typeof ENDPOINTS], code(url)]);
  const defaults = Object.entries(optionDefaults).map(
    ([name, value]) => `${code(`{${name}}`)} without a value: ${code(value)}.`,
  );
  return [...found, ...(rows.length > 0 ? [table(["Endpoint", "URL"], rows)] : []), ...defaults].join("\n\n");
}

/** What to do before a server record can be written. */
function registration({ register, note, unprinted, loopbackRedirect, authorizationParameters = {} }: Provider): string {
  const parameters = Object.entries(authorizationParameters).map(([name, value]) => code(`${name}=${value}`));
  return [
    ...(register === undefined ? [] : [`Register your application at ${code(register)}.`]),
    ...(loopbackRedirect === undefined
      ? []
      : [`The redirect URI for a person's own broker is ${code(loopbackRedirect)}.`]),
    ...(note === undefined ? [] : [note]),
    ...(parameters.length === 0 ? [] : [`Links carry ${parameters.join(" and ")}, unless you say otherwise.`]),
    ...(unprinted === undefined ? [] : [unprinted]),
  ].join(" ");
}

/** Of sessions. */
function account({ account: call }: Provider): string {
  if (!call) return "";
  return `Who signed in: ${code(`GET ${call.url}`)} (${code(call.members.subject)}, ${code(call.members.name)}).`;
}

function api({ api: own }: Provider): string {
  if (!own) return "";
  const elsewhere = own.inDomain ? `, ${code(own.inDomain.url)} at ${code(`*.${own.inDomain.domain}`)}` : "";
  return `${code("{api_url}")} is ${code(own.url)}${elsewhere}, and elsewhere ${code(own.selfHosted)}.`;
}

const ENDPOINTS = {
  issuer: "issuer",
  authorization: "authorization",
  token: "token",
  refresh: "token, for a refresh",
  deviceAuthorization: "device authorization",
  revocation: "revocation",
  registration: "registration",
} as const satisfies Record<keyof NonNullable<Provider["endpoints"]>, string>;

function options({ options: rules = {}, credentialOptions = {} }: Provider): string {
  const ofServer = Object.entries(rules).map(([name, rule]) => [code(name), "server", describeOption(rule)]);
  const ofRequest = Object.entries(credentialOptions).map(([name, rule]) => [
    code(name),
    "credential, authorization link",
    describeOption(rule),
  ]);
  const rows = [...ofServer, ...ofRequest];
  return rows.length === 0 ? "No options." : table(["Option", "Of", "Value"], rows);
}

function describeOption(rule: OptionRule): string {
  const choices = rule.choices?.map(code).join(", ");
  const values = {
    url: "https URL",
    text: "text",
    choice: choices ?? "",
    list: `comma-separated list of ${choices ?? ""}`,
    rotation: "`none`, `reusable`, `until-successor-used`, `strict` or `grace:SECONDS`",
    names: "comma-separated list of host names",
    object: rule.values ? `JSON object whose values are ${rule.values.map(code).join(", ")}` : "JSON object",
    uris: "comma-separated list of absolute URIs",
    parameters: "JSON object of texts",
    "link-parameters": "JSON object of texts",
  }[rule.kind];
  const unless = rule.requiredUnless === undefined ? "" : ` unless ${code(rule.requiredUnless)} is given`;
  const presence = rule.required !== undefined ? `; required${unless}` : "";
  const about = rule.about === undefined ? "" : `: ${rule.about}`;
  return values + about + presence + (rule.default === undefined ? "" : `; default ${code(rule.default)}`);
}

function quirks(provider: Provider): string {
  const always = describeQuirks(provider.quirks);
  const chosen = Object.entries(provider.variants ?? {}).flatMap(([option, variants]) =>
    Object.entries(variants).flatMap(([value, added]) =>
      describeQuirks(added).map((text) => `with ${code(`${option}=${value}`)}: ${text}`),
    ),
  );
  const lines = [...always, ...chosen].map((text) => `* ${text}`);
  return lines.length === 0 ? "" : ["Differences from the standards:", "", ...lines].join("\n");
}

/** One sentence per quirk; complete by type, so that no quirk stays undocumented. */
const SENTENCES: { readonly [Q in keyof Required<Quirks>]: (value: NonNullable<Quirks[Q]>) => string } = {
  errorUnderOk: () => "an `error` under status 2xx is an error",
  verificationUrl: () => "`verification_url` is read as `verification_uri`",
  scopeSeparator: (separator) => `scopes in answers are separated by ${code(separator)}`,
  scopeSeparatorInRequests: () => "scopes in requests use the same separator",
  scopeAliases: (aliases) =>
    `granted scopes have other names: ${Object.entries(aliases)
      .map(([asked, granted]) => `${code(asked)} → ${code(granted)}`)
      .join(", ")}`,
  scopePrefixes: (prefixes) => `granted scopes may begin with ${prefixes.map(code).join(", ")}`,
  scopeCase: () => "granted scopes may have other capitals",
  scopeMember: (member) => `granted scopes may be in ${code(member)}`,
  accessTokenMember: (member) => `the access token is in ${code(member)}`,
  tokenPath: (path) => `tokens are read from ${code(path)}`,
  scopeParameter: (parameter) => `scopes are requested as ${code(parameter)}`,
  deviceScopeParameter: (parameter) => `scopes of a device request are sent as ${code(parameter)}`,
  formAnswers: () => "form-encoded answers are accepted",
  zeroExpiresIn: () => "`expires_in` 0 means that the token does not expire",
  tokenTypes: (types) => `token type ${types.map(code).join(", ")} means Bearer`,
  errorCodes: (codes) =>
    `error codes: ${Object.entries(codes)
      .map(([own, standard]) => `${code(own)} → ${code(standard)}`)
      .join(", ")}`,
  tokenTypeOptional: () => "`token_type` may be missing",
  scopeList: () => "granted scopes are a list",
  errorTextMember: (member) => `its text is in ${code(member)}`,
  errorMember: (member) => `an error may have its code in ${code(member)}`,
  retryAfterMember: (member) => `${code(member)} is used if there is no ${code("Retry-After")}`,
  slowDownStatus: (status) => `a poll answered with status ${status} and without an error means ${code("slow_down")}`,
  issuedTokenTypeOptional: () => "`issued_token_type` may be missing from a token exchange",
};

function describeQuirks(quirks: Quirks): readonly string[] {
  const sentence = <Q extends keyof Quirks>(name: Q): readonly string[] => {
    const value = quirks[name];
    return value === undefined || value === false ? [] : [SENTENCES[name](value as NonNullable<Quirks[Q]>)];
  };
  return (Object.keys(SENTENCES) as (keyof Quirks)[]).flatMap((name) => sentence(name));
}

function authentication({ methodOption, authMethod, discovery, apiServer }: Provider): string {
  if (apiServer?.adapts) return "registered by the broker, as the server wants";
  if (apiServer) return `registered by the broker (${code(String(apiServer.client.token_endpoint_auth_method))})`;
  if (authMethod !== undefined) return code(authMethod);
  const methods = Object.entries(methodOption?.methods ?? {}).map(
    ([value, method]) => `${code(`${methodOption?.name}=${value}`)}: ${code(method)}`,
  );
  return [...methods, discovery === undefined ? "otherwise `client_secret_basic`" : "by discovery"].join(", ");
}

function deviceFlow({ discovery, apiServer, endpoints: known, deviceAuthentication }: Provider): string {
  if (discovery !== undefined || apiServer) return `by discovery${orGiven(known?.deviceAuthorization)}`;
  if (known?.deviceAuthorization === undefined) return "–";
  return (deviceAuthentication === false ? "yes, without client secret" : "yes") + ifGiven(known.deviceAuthorization);
}

function revocation({ discovery, apiServer, endpoints: known, revocationCall: own }: Provider): string {
  if (own) return `its own API: ${code(`${own.method} ${own.url}`)}`;
  if (discovery !== undefined || apiServer) return `by discovery${orGiven(known?.revocation)}`;
  return known?.revocation === undefined ? "none" : `RFC 7009${ifGiven(known.revocation)}`;
}

function orGiven(template: string | undefined): string {
  const given = template === undefined ? "" : ifGiven(template);
  return given === "" ? "" : given.replace(", with", ", or with");
}

/** An endpoint that is an option altogether is there when the option is. */
function ifGiven(template: string): string {
  const option = /^\{(\w+)\}$/.exec(template)?.[1];
  return option === undefined ? "" : `, with ${code(option)}`;
}

function rotation({ rotation: profile, rotationOption }: Provider): string {
  const stated = rotationOption === undefined ? "" : `, or as set in ${code(rotationOption)}`;
  if (profile.kind !== "grace") return code(profile.kind) + stated;
  return (
    code(`grace(${[profile.seconds, ...(profile.count === undefined ? [] : [profile.count])].join(",")})`) + stated
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
