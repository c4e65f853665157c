import { sameText } from "../../process/same-text.ts";
import { authorizationUrl } from "../../protocol/authorization-url.ts";
import { checkCallback } from "../../protocol/callback.ts";
import { codeChallenge, generateNonce, generateState, generateVerifier } from "../../protocol/pkce.ts";
import type { Callers } from "../access/callers.ts";
import type { CreatedToken } from "../access.ts";
import type { AuthMount, From, OidcBegin, OidcBegun, OidcLogins, OidcReturn } from "../auth.ts";
import { limited } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { within } from "../process/door.ts";
import { type Claims, checkBounds } from "./claims.ts";
import { valuesOf } from "./fields.ts";
import { identityOf, isForPeople, JWT_CONFIG, JWT_ROLE, type JwtConfig, type JwtRole } from "./jwt-role.ts";
import { guarded, issueLogin } from "./login.ts";
import { LoginRefused } from "./method.ts";
import { readMount } from "./mounts.ts";
import { askForDevice, pending, pollDevice } from "./oidc-device.ts";
import { endFlow, type Flow, findFlow, isOfCommand, type KeptFlow, keepFlow } from "./oidc-flow.ts";
import { claimsOf, metadata, PROVIDER_SECONDS, redeemCode } from "./provider.ts";
import { readConfig, readRole, type StoredRole } from "./stored.ts";
import { TOKEN_FIELDS } from "./token-fields.ts";

/** Logins that one network begins in a minute. */
const BEGUN_PER_MINUTE = 30;

const LONGEST = 2_048;

interface At {
  readonly mount: AuthMount;
  readonly config: JwtConfig;
}

/** Logins of people at an OpenID provider, as `bao login -method=oidc` and others hold them (vault-http.md section 8). */
export function createOidc(context: Context, callers: Callers): OidcLogins {
  return {
    begin: (path, input, from) => begin(context, path, input, from),
    callback: (path, parameters, from) => callback(context, callers, path, parameters, from),
    confirm: (path, answer, from) => confirm(context, path, answer, from),
    poll: (path, answer, from) => poll(context, callers, path, answer, from),
  };
}

async function at(context: Context, path: string): Promise<At | undefined> {
  const mount = await readMount(context, path);
  const isIts = mount && ["jwt", "oidc"].includes(mount.type);
  if (!isIts) return undefined;
  return { mount, config: valuesOf(JWT_CONFIG, (await readConfig(context, mount)) ?? {}) };
}

async function roleOf(context: Context, mount: AuthMount, name: string): Promise<StoredRole<JwtRole> | undefined> {
  const role = await readRole(context, mount, name);
  if (!role) return undefined;
  const values = { ...valuesOf(JWT_ROLE, role.values), ...valuesOf(TOKEN_FIELDS, role.values) };
  return isForPeople(values) ? { ...role, values } : undefined;
}

/** Throws `BrokerError`. */
async function begin(context: Context, path: string, input: OidcBegin, from: From): Promise<OidcBegun | undefined> {
  const wait = context.limiter.take("oidc login", from.network, BEGUN_PER_MINUTE);
  if (wait > 0) throw limited("rate_limited", "too many logins were begun from your address", wait);
  const found = await at(context, path);
  const role = found && (await roleOf(context, found.mount, input.role || found.config.default_role));
  if (!found || !role || found.config.oidc_client_id === "") return undefined;
  const { values } = role;
  const mode = values.callback_mode === "direct" || values.callback_mode === "device" ? values.callback_mode : "client";
  const isAllowed = mode === "device" || values.allowed_redirect_uris.includes(input.redirectUri);
  if (!isAllowed || Math.max(input.redirectUri.length, input.clientNonce.length) > LONGEST) return undefined;
  const flow: Flow = {
    ...{ role: role.name, mode, redirectUri: input.redirectUri, clientNonce: input.clientNonce },
    ...{ nonce: generateNonce(), verifier: generateVerifier(), address: from.address, createdAt: context.clock.now() },
  };
  const state = generateState();
  if (mode === "device") return beginAtDevice(context, found, values, { state, flow });
  const url = await linkOf(context, found.config, values, { state, flow });
  await keepFlow(context, found.mount, state, flow);
  return { url, ...(mode === "direct" && { wait: { state, interval: Math.max(5, values.poll_interval) } }) };
}

async function beginAtDevice(
  context: Context,
  { mount, config }: At,
  role: JwtRole,
  { state, flow }: { readonly state: string; readonly flow: Flow },
): Promise<OidcBegun> {
  const { device, shown } = await askForDevice(context, config, scopesOf(role), flow);
  await keepFlow(context, mount, state, { ...flow, device });
  const interval = Math.max(5, role.poll_interval, device.interval + 1);
  return { url: shown.url, wait: { state, interval, userCode: shown.userCode } };
}

function scopesOf({ oidc_scopes: scopes }: JwtRole): string {
  return [...new Set(["openid", ...scopes])].join(" ");
}

async function linkOf(
  context: Context,
  config: JwtConfig,
  role: JwtRole,
  { state, flow }: { readonly state: string; readonly flow: Flow },
): Promise<string> {
  const as = await within(context, PROVIDER_SECONDS, (call) => metadata(context, config, call));
  return authorizationUrl({
    endpoint: as.authorization_endpoint ?? "",
    clientId: config.oidc_client_id,
    redirectUri: flow.redirectUri,
    scope: scopesOf(role),
    state,
    nonce: flow.nonce,
    codeChallenge: await codeChallenge(flow.verifier),
    parameters: {
      ...(config.oidc_response_mode === "form_post" && { response_mode: "form_post" }),
      ...(role.max_age > 0 && { max_age: String(role.max_age) }),
    },
    overriding: {},
  });
}

/** What the provider says holds for the role. Throws `LoginRefused`. */
function checkClaims(context: Context, config: JwtConfig, role: JwtRole, claims: Claims): void {
  const audiences = role.bound_audiences.length > 0 ? role.bound_audiences : [config.oidc_client_id];
  checkBounds(claims, { ...role, bound_audiences: audiences, bound_issuer: config.bound_issuer });
  const { auth_time: signedIn } = claims;
  const oldest = context.clock.now() / 1000 - role.max_age - (role.clock_skew_leeway || 60);
  if (role.max_age > 0 && !(typeof signedIn === "number" && signedIn >= oldest)) {
    throw new LoginRefused("the person signed in too long ago");
  }
}

/** A code is good once: of two who bring it one has the flow. */
async function callback(
  context: Context,
  callers: Callers,
  path: string,
  parameters: URLSearchParams,
  from: From,
): Promise<CreatedToken | OidcReturn> {
  const found = await at(context, path);
  const state = parameters.get("state") ?? "";
  const kept = found && (await findFlow(context, found.mount, state));
  // Any page can have a browser bring answers that nobody waits for (ST-178).
  return guarded(context, { path, name: kept ? "people" : "nobody", from }, async () => {
    if (!found || !kept || kept.flow.mode === "device" || kept.flow.returned)
      throw new LoginRefused("nobody waits for that answer");
    const { flow } = kept;
    const expected = { state, mayLackIssuer: isOfCommand(flow) };
    const code = await codeIn(context, found.config, parameters, expected);
    if (flow.mode === "direct") return returned(context, found.mount, { state, code, kept });
    if (!sameText(flow.clientNonce, parameters.get("client_nonce") ?? ""))
      throw new LoginRefused("client_nonce does not match");
    if (!(await endFlow(context, kept))) throw new LoginRefused("the answer was used already");
    return finish(context, callers, found, flow, await redeemed(context, found.config, flow, code), from);
  });
}

/** Throws `LoginRefused` for what is no answer to it. */
async function codeIn(
  context: Context,
  config: JwtConfig,
  parameters: URLSearchParams,
  expected: Parameters<typeof checkCallback>[2],
): Promise<string> {
  const as = await within(context, PROVIDER_SECONDS, (call) => metadata(context, config, call));
  const checked = checkCallback(as, parameters, expected);
  if (checked.kind === "code") return checked.code;
  throw new LoginRefused(checked.kind === "error" ? `the provider says ${checked.error.code}` : checked.text);
}

/** Somebody else may have sent the link: the person is told whose login it is, and asked. */
async function returned(
  context: Context,
  mount: AuthMount,
  { state, code, kept }: { readonly state: string; readonly code: string; readonly kept: KeptFlow },
): Promise<OidcReturn> {
  const { flow } = kept;
  const confirmation = generateState();
  if (!(await keepFlow(context, mount, state, { ...flow, returned: { code, confirm: confirmation } }, kept))) {
    throw new LoginRefused("the answer was used already");
  }
  const { role, address, createdAt } = flow;
  return { state, confirm: confirmation, path: mount.path, role, address, createdAt };
}

async function confirm(
  context: Context,
  path: string,
  answer: { readonly state: string; readonly confirm: string; readonly allow: boolean },
  from: From,
): Promise<boolean> {
  return guarded(context, { path, name: "people", from }, async () => {
    const found = await at(context, path);
    const kept = found && (await findFlow(context, found.mount, answer.state));
    const waits = kept?.flow.returned;
    if (!found || !kept || !waits || kept.flow.claims || !sameText(waits.confirm, answer.confirm)) return false;
    if (!answer.allow) return endFlow(context, kept);
    // The code is taken out before it is used.
    const { returned: _, ...flow } = kept.flow;
    const used = { ...flow, returned: { code: "", confirm: "" } };
    if (!(await keepFlow(context, found.mount, answer.state, used, kept))) return false;
    const claims = await redeemed(context, found.config, flow, waits.code);
    const now = await findFlow(context, found.mount, answer.state);
    return now !== undefined && keepFlow(context, found.mount, answer.state, { ...used, claims }, now);
  });
}

function redeemed(context: Context, config: JwtConfig, flow: Flow, code: string): Promise<Claims> {
  const { redirectUri, verifier: codeVerifier, nonce } = flow;
  return within(context, PROVIDER_SECONDS, async (call) => {
    const as = await metadata(context, config, call);
    const tokens = await redeemCode(config, as, { code, redirectUri, codeVerifier }, call);
    return claimsOf(context, config, as, { tokens, nonce }, call);
  });
}

async function poll(
  context: Context,
  callers: Callers,
  path: string,
  { state, clientNonce }: { readonly state: string; readonly clientNonce: string },
  from: From,
): Promise<CreatedToken> {
  return guarded(context, { path, name: "people", from }, async () => {
    const found = await at(context, path);
    const kept = found && (await findFlow(context, found.mount, state));
    if (!found || !kept || kept.flow.mode === "client") throw new LoginRefused("nobody waits with that state");
    if (!sameText(kept.flow.clientNonce, clientNonce)) throw new LoginRefused("client_nonce does not match");
    const { flow } = kept;
    const claims = flow.device ? await pollDevice(context, found, state, kept) : flow.claims;
    if (!claims) throw pending();
    if (flow.device === undefined && !(await endFlow(context, kept)))
      throw new LoginRefused("the login was taken already");
    return finish(context, callers, found, flow, claims, from);
  });
}

async function finish(
  context: Context,
  callers: Callers,
  { mount, config }: At,
  flow: Flow,
  claims: Claims,
  from: From,
): Promise<CreatedToken> {
  const role = await roleOf(context, mount, flow.role);
  if (!role) throw new LoginRefused("its role is not there any more");
  checkClaims(context, config, role.values, claims);
  return issueLogin(context, callers, mount, identityOf(mount, config, role, claims), from);
}
