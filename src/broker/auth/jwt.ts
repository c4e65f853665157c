import type { Values } from "../auth.ts";
import { invalid } from "../errors.ts";
import { type Claims, checkBounds, checkTimes, claimAt, isScalar, metadataOf, pointerTo } from "./claims.ts";
import { bool, list, lower, map, pairs, seconds, secret, slice, text } from "./fields.ts";
import { LoginRefused, method } from "./method.ts";
import { checkSigners, type Signers, verified } from "./signatures.ts";

const CONFIG = {
  oidc_discovery_url: text("Issuer whose keys are found by OpenID discovery"),
  oidc_discovery_ca_pem: text("Not supported: trust an authority by `serve --ca-file`"),
  jwks_url: text("Where the keys are, as a JSON Web Key Set"),
  jwks_ca_pem: text("Not supported: trust an authority by `serve --ca-file`"),
  jwt_validation_pubkeys: slice("Public keys in PEM"),
  bound_issuer: text("What `iss` has to be; with discovery its issuer anyway"),
  default_role: lower("The role of logins that name none"),
  jwt_supported_algs: list("Algorithms that signatures may have; none = any of RS, PS, ES and EdDSA"),
};

const ROLE = {
  role_type: text("`jwt`"),
  user_claim: text("The claim that names whoever logs in: always the same for the same"),
  user_claim_json_pointer: bool("`user_claim` is a JSON pointer"),
  bound_audiences: list("What `aud` has to have, one of them"),
  bound_subject: text("What `sub` has to be"),
  bound_claims: map("Claims by name, or by JSON pointer, and the values that they may have"),
  bound_claims_type: text("`string`, or `glob`: a `*` in a value stands for any characters", "string"),
  claim_mappings: pairs("Claims, and as which metadata they are told"),
  groups_claim: text("Taken and ignored: there are no groups"),
  expiration_leeway: seconds("Life of a token without `exp`; 0 = 150 s"),
  not_before_leeway: seconds("How long before its end a token without `iat` and `nbf` begins; 0 = 150 s"),
  clock_skew_leeway: seconds("How much clocks may differ; 0 = 60 s"),
  verbose_oidc_logging: bool("Taken and ignored"),
};

/** A token that somebody else has signed (RFC 7519), as CI systems give one to each job. Names are Vault's. */
export const jwt = method({
  type: "jwt",
  config: CONFIG,
  role: ROLE,
  login: { role: lower("The role; none = the default one"), jwt: secret("The signed token") },
  checkConfig: async (context, config) => {
    const { oidc_discovery_url: issuer, jwks_url: url, jwt_validation_pubkeys: keys } = config;
    if ([issuer, url, keys[0] ?? ""].filter((one) => one !== "").length !== 1) {
      throw invalid("exactly one of oidc_discovery_url, jwks_url and jwt_validation_pubkeys must be set");
    }
    if (config.oidc_discovery_ca_pem !== "" || config.jwks_ca_pem !== "") {
      throw invalid("authorities are trusted for the whole broker: start it with --ca-file");
    }
    if (url !== "" && !URL.canParse(url)) throw invalid("jwks_url is no URL");
    await checkSigners(context, signersOf(config));
  },
  checkRole: (role) => {
    if (role.role_type !== "" && role.role_type !== "jwt") throw invalid('role_type must be "jwt"');
    if (role.user_claim === "") throw invalid("a user claim must be defined on the role");
    if (!["string", "glob"].includes(role.bound_claims_type))
      throw invalid('bound_claims_type must be "string" or "glob"');
    const isBound =
      role.bound_audiences.length + Object.keys(role.bound_claims).length + role.token_bound_cidrs.length > 0;
    if (!isBound && role.bound_subject === "")
      throw invalid("must have at least one bound constraint when creating/updating a role");
    checkValues(role.bound_claims);
  },
  names: ({ role }) => role,
  judge: async (context, { mount, config, sent }, roles) => {
    const role = await roles.find(sent.role || config.default_role);
    if (!role) throw new LoginRefused("there is no such role");
    const { values: rules, name } = role;
    const claims = await verified(context, signersOf(config), sent.jwt);
    checkTimes(claims, rules, Math.floor(context.clock.now() / 1000));
    checkBounds(claims, { ...rules, bound_issuer: config.bound_issuer });
    const alias = userOf(claims, rules);
    return {
      role: name,
      alias,
      metadata: { ...metadataOf(claims, rules.claim_mappings), role: name },
      displayName: `${mount.path}-${alias}`,
      rules,
    };
  },
});

function signersOf(config: Values<typeof CONFIG>): Signers {
  return {
    keys: config.jwt_validation_pubkeys,
    jwksUrl: config.jwks_url,
    issuer: config.oidc_discovery_url,
    algorithms: config.jwt_supported_algs,
  };
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

function userOf(
  claims: Claims,
  {
    user_claim: name,
    user_claim_json_pointer: isPointer,
  }: Pick<Values<typeof ROLE>, "user_claim" | "user_claim_json_pointer">,
): string {
  const value = claimAt(claims, isPointer ? name : pointerTo(name));
  const user = typeof value === "number" ? String(value) : value;
  if (typeof user !== "string" || user === "" || user.length > LONGEST_NAME)
    throw new LoginRefused("the token's user claim is no name");
  return user;
}
