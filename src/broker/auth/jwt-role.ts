import type { AuthMount, Sent, Values } from "../auth.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { type Claims, claimAt, isScalar, metadataOf, pointerTo } from "./claims.ts";
import { bool, integer, list, lower, map, pairs, seconds, secret, slice, text, valuesOf } from "./fields.ts";
import { type Identity, LoginRefused } from "./method.ts";
import { readConfig, type StoredRole } from "./stored.ts";
import { TOKEN_FIELDS, type TokenRules } from "./token-fields.ts";

export const JWT_CONFIG = {
  oidc_discovery_url: text("Issuer whose keys are found by OpenID discovery"),
  oidc_discovery_ca_pem: text("Not supported: trust an authority by `serve --ca-file`"),
  jwks_url: text("Where the keys are, as a JSON Web Key Set"),
  jwks_ca_pem: text("Not supported: trust an authority by `serve --ca-file`"),
  jwt_validation_pubkeys: slice("Public keys in PEM"),
  bound_issuer: text("What `iss` has to be; with discovery its issuer anyway"),
  oidc_client_id: text("Client id at the provider, for logins of people"),
  oidc_client_secret: secret("Its secret; none = a public client", "oidc_discovery_url"),
  oidc_response_mode: text("How a browser brings the code: `query`, or `form_post`"),
  namespace_in_state: bool("Taken and ignored: there are no namespaces", true),
  default_role: lower("The role of logins that name none"),
  jwt_supported_algs: list("Algorithms that signatures may have; none = any of RS, PS, ES and EdDSA"),
};

export const JWT_ROLE = {
  role_type: text("`jwt`, or `oidc`; none = `oidc` where it has redirect URIs"),
  allowed_redirect_uris: list("Of `oidc`: where the provider may send browsers to"),
  oidc_scopes: list("Of `oidc`: scopes beside `openid`"),
  callback_mode: text(
    "Of `oidc`: `client` (the program listens), `direct` (the browser comes back to the broker), `device`",
    "client",
  ),
  poll_interval: integer("Of `oidc`: seconds between polls; 0 = 5"),
  max_age: seconds("Of `oidc`: how long ago the person may have signed in; 0 = any time"),
  user_claim: text("The claim that names whoever logs in: always the same for the same"),
  user_claim_json_pointer: bool("`user_claim` is a JSON pointer"),
  bound_audiences: list("What `aud` has to have, one of them"),
  bound_subject: text("What `sub` has to be"),
  bound_claims: map("Claims by name, or by JSON pointer, and the values that they may have"),
  bound_claims_type: text("`string`, or `glob`: a `*` in a value stands for any characters", "string"),
  claim_mappings: pairs("Claims, and as which metadata they are told"),
  oauth2_metadata: list(
    "Of `oidc`: `refresh_token`, for a handle of it in the login's answer (`metadata.oauth2_refresh_token`)",
  ),
  groups_claim: text("Taken and ignored: there are no groups"),
  expiration_leeway: seconds("Life of a token without `exp`; 0 = 150 s"),
  not_before_leeway: seconds("How long before its end a token without `iat` and `nbf` begins; 0 = 150 s"),
  clock_skew_leeway: seconds("How much clocks may differ; 0 = 60 s"),
  verbose_oidc_logging: bool("Taken and ignored"),
};

export type JwtConfig = Values<typeof JWT_CONFIG>;
export type JwtRole = Values<typeof JWT_ROLE> & TokenRules;

/** Whether it is for people, who sign in at the provider. */
export function isForPeople({ role_type: type, allowed_redirect_uris: uris }: JwtRole): boolean {
  return type === "oidc" || (type === "" && uris.length > 0);
}

export async function configOf(context: Context, mount: AuthMount): Promise<JwtConfig> {
  return valuesOf(JWT_CONFIG, (await readConfig(context, mount)) ?? {});
}

/** As it is kept, or as it is to be. */
export function jwtRoleOf(values: Sent): JwtRole {
  return { ...valuesOf(JWT_ROLE, values), ...valuesOf(TOKEN_FIELDS, values) };
}

/** Where browsers come back to a program, which passes the answer on. */
export function comesBackToCommands(role: JwtRole): readonly string[] {
  return isForPeople(role) && role.callback_mode === "client" ? role.allowed_redirect_uris : [];
}

/** The redirect URI that is allowed: `bao login` has a slash too many in that of direct mode (`auth/oidc//oidc/callback`). */
export function allowedUri(role: JwtRole, uri: string): string | undefined {
  const { allowed_redirect_uris: uris, callback_mode: mode } = role;
  if (uris.includes(uri)) return uri;
  return mode === "direct" ? uris.find((one) => withoutEmpty(one) === withoutEmpty(uri)) : undefined;
}

/** Without empty segments of its path. */
function withoutEmpty(uri: string): string {
  return uri.replace(/(?<=:\/\/)[^?#]*/, (rest) => rest.replaceAll(/\/{2,}/g, "/"));
}

const MODES = ["client", "direct", "device"];

/** Throws `BrokerError`, which says what is wrong. */
export function checkJwtRole(role: JwtRole): void {
  if (!["", "jwt", "oidc"].includes(role.role_type)) throw invalid('role_type must be "jwt" or "oidc"');
  if (role.user_claim === "") throw invalid("a user claim must be defined on the role");
  if (!["string", "glob"].includes(role.bound_claims_type))
    throw invalid('bound_claims_type must be "string" or "glob"');
  checkValues(role.bound_claims);
  const given = role.oauth2_metadata;
  if (given.some((name) => name !== "refresh_token") || (given.length > 0 && !isForPeople(role)))
    throw invalid(
      "oauth2_metadata can only be refresh_token, of a role for people: the provider's other tokens are not kept",
    );
  if (isForPeople(role)) {
    if (!MODES.includes(role.callback_mode)) throw invalid(`callback_mode must be ${MODES.join(", ")}`);
    if (role.callback_mode !== "device" && role.allowed_redirect_uris.length === 0)
      throw invalid("'allowed_redirect_uris' must be set if 'role_type' is 'oidc'");
    return;
  }
  const isBound =
    role.bound_audiences.length + Object.keys(role.bound_claims).length + role.token_bound_cidrs.length > 0;
  if (!isBound && role.bound_subject === "")
    throw invalid("must have at least one bound constraint when creating/updating a role");
}

/** Whose claims they are, which hold. Throws `LoginRefused`. */
export function identityOf(
  mount: AuthMount,
  config: JwtConfig,
  { name, values }: StoredRole<JwtRole>,
  claims: Claims,
): Identity {
  const alias = userOf(claims, values);
  const account = accountOf(config, claims);
  return {
    role: name,
    alias,
    metadata: { ...metadataOf(claims, values.claim_mappings), role: name },
    displayName: `${mount.path}-${alias}`,
    rules: values,
    ...(account && { account }),
  };
}

/** Where the issuer is none that was named, whoever signs may call themselves anybody of any provider. */
function accountOf(
  { oidc_discovery_url, bound_issuer }: JwtConfig,
  { iss: issuer, sub: subject }: Claims,
): Identity["account"] {
  const isNamed = typeof issuer === "string" && [oidc_discovery_url, bound_issuer].includes(issuer);
  return isNamed && issuer !== "" && typeof subject === "string" && subject !== "" ? { issuer, subject } : undefined;
}

/** Values are texts, numbers and booleans, or lists of these: nothing else can be compared. */
function checkValues(bound: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(bound)) {
    const values = Array.isArray(value) ? value : [value];
    if (values.length === 0 || !values.every(isScalar))
      throw invalid(`bound_claims: ${name.slice(0, 64)} must be a value or a list of values`);
  }
}

/** UTF-16 units: a name goes into policies and logs. */
const LONGEST_NAME = 512;

function userOf(claims: Claims, { user_claim: name, user_claim_json_pointer: isPointer }: JwtRole): string {
  const value = claimAt(claims, isPointer ? name : pointerTo(name));
  const user = typeof value === "number" ? String(value) : value;
  if (typeof user !== "string" || user === "" || user.length > LONGEST_NAME)
    throw new LoginRefused("the token's user claim is no name");
  return user;
}
