import { sameText } from "../../process/same-text.ts";
import { checkCallback } from "../../protocol/callback.ts";
import { generateNonce, generateState, generateVerifier } from "../../protocol/pkce.ts";
import type { Callers } from "../access/callers.ts";
import { type CreatedToken, REFRESH_TOKEN_HANDLE } from "../access.ts";
import type { AuthMount, From, OidcBegin, OidcBegun, OidcLogins, OidcReturn } from "../auth.ts";
import { limited } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { within } from "../process/door.ts";
import { type Claims, checkBounds } from "./claims.ts";
import { handOn } from "./handed-on.ts";
import { allowedUri, configOf, identityOf, isForPeople, type JwtConfig, type JwtRole, jwtRoleOf } from "./jwt-role.ts";
import { entityOf, guarded, issueLogin } from "./login.ts";
import { type Identity, LoginRefused } from "./method.ts";
import { readMount } from "./mounts.ts";
import { askForDevice, pending, pollDevice } from "./oidc-device.ts";
import { endFlow, type Flow, findFlow, isOfCommand, type KeptFlow, keepFlow, type SignedIn } from "./oidc-flow.ts";
import { loginLink, metadata, PROVIDER_SECONDS, redeemCode, scopesOf, signedIn } from "./provider.ts";
import { readRole, type StoredRole } from "./stored.ts";

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
  return { mount, config: await configOf(context, mount) };
}

async function roleOf(context: Context, mount: AuthMount, name: string): Promise<StoredRole<JwtRole> | undefined> {
  const role = await readRole(context, mount, name);
  if (!role) return undefined;
  const values = jwtRoleOf(role.values);
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
  const redirectUri = mode === "device" ? "" : allowedUri(values, input.redirectUri);
  if (redirectUri === undefined || Math.max(input.redirectUri.length, input.clientNonce.length) > LONGEST)
    return undefined;
  const flow: Flow = {
    ...{ role: role.name, mode, redirectUri, clientNonce: input.clientNonce },
    ...{ nonce: generateNonce(), verifier: generateVerifier(), address: from.address, createdAt: context.clock.now() },
    ...(values.oauth2_metadata.length > 0 && { handsOn: true }),
  };
  const state = generateState();
  if (mode === "device") return beginAtDevice(context, found, values, { state, flow });
  const url = await loginLink(context, found.config, values, { state, flow });
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

/** What the provider says holds for the role. Throws `LoginRefused`. */
function checkClaims(context: Context, config: JwtConfig, role: JwtRole, claims: Claims): void {
  const audiences = role.bound_audiences.length > 0 ? role.bound_audiences : [config.oidc_client_id];
  checkBounds(claims, { ...role, bound_audiences: audiences, bound_issuer: config.bound_issuer });
  const { auth_time: signedInAt } = claims;
  const oldest = context.clock.now() / 1000 - role.max_age - (role.clock_skew_leeway || 60);
  if (role.max_age > 0 && !(typeof signedInAt === "number" && signedInAt >= oldest)) {
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
    const code = await codeIn(context, found.config, parameters, { state, kept });
    if (flow.mode === "direct") return returned(context, found.mount, { state, code, kept });
    if (!sameText(flow.clientNonce, parameters.get("client_nonce") ?? ""))
      throw new LoginRefused("client_nonce does not match");
    if (!(await endFlow(context, kept))) throw new LoginRefused("the answer was used already");
    return finish(context, callers, found, flow, await redeemed(context, found.config, flow, code), from);
  });
}

/** Throws `LoginRefused` for what is no answer to it, and for one that says no, which ends it. */
async function codeIn(
  context: Context,
  config: JwtConfig,
  parameters: URLSearchParams,
  { state, kept }: { readonly state: string; readonly kept: KeptFlow },
): Promise<string> {
  const as = await within(context, PROVIDER_SECONDS, (call) => metadata(context, config, call));
  const checked = checkCallback(as, parameters, { state, mayLackIssuer: isOfCommand(kept.flow) });
  if (checked.kind === "code") return checked.code;
  if (checked.kind === "invalid") throw new LoginRefused(checked.text);
  await endFlow(context, kept);
  throw new LoginRefused(`the provider says ${checked.error.code}`);
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
    if (!found || !kept || !waits || waits.code === "" || !sameText(waits.confirm, answer.confirm)) return false;
    if (!answer.allow) return endFlow(context, kept);
    // The code is taken out before it is used.
    const { returned: _, ...flow } = kept.flow;
    const used = { ...flow, returned: { code: "", confirm: "" } };
    if (!(await keepFlow(context, found.mount, answer.state, used, kept))) return false;
    const person = await redeemed(context, found.config, flow, waits.code).catch(async (error: unknown) => {
      await fail(context, found.mount, answer.state);
      throw error;
    });
    const now = await findFlow(context, found.mount, answer.state);
    return now !== undefined && keepFlow(context, found.mount, answer.state, { ...used, signedIn: person }, now);
  });
}

/** Nobody can sign in by it any more: whoever polls is told so. */
async function fail(context: Context, mount: AuthMount, state: string): Promise<void> {
  const kept = await findFlow(context, mount, state);
  if (kept) await endFlow(context, kept);
}

function redeemed(context: Context, config: JwtConfig, flow: Flow, code: string): Promise<SignedIn> {
  const { redirectUri, verifier: codeVerifier, nonce } = flow;
  return within(context, PROVIDER_SECONDS, async (call) => {
    const as = await metadata(context, config, call);
    const tokens = await redeemCode(config, as, { code, redirectUri, codeVerifier }, call);
    return signedIn(context, config, as, { tokens, flow, nonce }, call);
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
    const person = flow.device ? await pollDevice(context, found, state, kept) : flow.signedIn;
    if (!person) throw pending();
    if (flow.device === undefined && !(await endFlow(context, kept)))
      throw new LoginRefused("the login was taken already");
    return finish(context, callers, found, flow, person, from);
  });
}

async function finish(
  context: Context,
  callers: Callers,
  { mount, config }: At,
  flow: Flow,
  { claims, grant }: SignedIn,
  from: From,
): Promise<CreatedToken> {
  const role = await roleOf(context, mount, flow.role);
  if (!role) throw new LoginRefused("its role is not there any more");
  checkClaims(context, config, role.values, claims);
  const identity = identityOf(mount, config, role, claims);
  const told = await handedOn(context, mount, identity, flow, grant);
  const made = await issueLogin(context, callers, mount, identity, from);
  return { ...made, once: told.once, warnings: [...made.warnings, ...told.warnings] };
}

const NO_GRANT =
  "the provider gave no refresh token to hand on: its client has to be allowed one, and many want the scope offline_access (oidc_scopes)";

/** What the login's answer alone says. */
async function handedOn(
  context: Context,
  mount: AuthMount,
  { alias, metadata }: Identity,
  { handsOn }: Flow,
  grant: SignedIn["grant"],
): Promise<{ readonly once: Readonly<Record<string, string>>; readonly warnings: readonly string[] }> {
  if (!grant) return { once: {}, warnings: handsOn ? [NO_GRANT] : [] };
  const handle = await handOn(context, entityOf(mount, alias, metadata).id, grant);
  return { once: { [REFRESH_TOKEN_HANDLE]: handle }, warnings: [] };
}
