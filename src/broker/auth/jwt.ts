import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { checkBounds, checkTimes } from "./claims.ts";
import { lower, secret } from "./fields.ts";
import { checkJwtRole, identityOf, isForPeople, JWT_CONFIG, JWT_ROLE, type JwtConfig } from "./jwt-role.ts";
import { LoginRefused, method } from "./method.ts";
import { checkSigners, type Signers, verified } from "./signatures.ts";

/**
 * A token that somebody else has signed (RFC 7519), as CI systems give one to each job; and people, who sign in where such tokens
 * come from (auth/oidc). Names are Vault's, which has both in one method of two names.
 */
export const jwtMethods = ["jwt", "oidc"].map((type) =>
  method({
    type,
    config: JWT_CONFIG,
    role: JWT_ROLE,
    login: { role: lower("The role; none = the default one"), jwt: secret("The signed token") },
    checkConfig,
    checkRole: checkJwtRole,
    names: ({ role }) => role,
    judge: async (context, { mount, config, sent }, roles) => {
      const role = await roles.find(sent.role || config.default_role);
      // First, also where there is no role: how long it takes tells nobody which there are (ST-142).
      const claims = await verified(context, signersOf(config), sent.jwt);
      if (!role || isForPeople(role.values)) throw new LoginRefused("there is no such role for tokens");
      checkTimes(claims, role.values, Math.floor(context.clock.now() / 1000));
      checkBounds(claims, { ...role.values, bound_issuer: config.bound_issuer });
      return identityOf(mount, config, role, claims);
    },
  }),
);

async function checkConfig(context: Context, config: JwtConfig): Promise<void> {
  const { oidc_discovery_url: issuer, jwks_url: url, jwt_validation_pubkeys: keys } = config;
  if ([issuer, url, keys[0] ?? ""].filter((one) => one !== "").length !== 1) {
    throw invalid("exactly one of oidc_discovery_url, jwks_url and jwt_validation_pubkeys must be set");
  }
  if (config.oidc_discovery_ca_pem !== "" || config.jwks_ca_pem !== "") {
    throw invalid("authorities are trusted for the whole broker: start it with --ca-file");
  }
  if (url !== "" && !URL.canParse(url)) throw invalid("jwks_url is no URL");
  if (config.oidc_client_id !== "" && issuer === "") throw invalid("oidc_client_id wants an oidc_discovery_url");
  if (!["", "query", "form_post"].includes(config.oidc_response_mode)) {
    throw invalid('oidc_response_mode must be "query" or "form_post"');
  }
  await checkSigners(context, signersOf(config));
}

function signersOf(config: JwtConfig): Signers {
  return {
    keys: config.jwt_validation_pubkeys,
    jwksUrl: config.jwks_url,
    issuer: config.oidc_discovery_url,
    algorithms: config.jwt_supported_algs,
  };
}
