import type { AuthMount } from "../auth.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { checkBounds, checkTimes } from "./claims.ts";
import { lower, secret } from "./fields.ts";
import {
  checkJwtRole,
  comesBackToCommands,
  configOf,
  identityOf,
  isForPeople,
  JWT_CONFIG,
  JWT_ROLE,
  type JwtConfig,
  jwtRoleOf,
} from "./jwt-role.ts";
import { LoginRefused, method } from "./method.ts";
import { listMounts } from "./mounts.ts";
import { checkSigners, type Signers, verified } from "./signatures.ts";
import { readRole, roleNames } from "./stored.ts";

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
    alongside: async (context, mount, { values }) => {
      const uris = comesBackToCommands(jwtRoleOf(values));
      await requireOwnRedirects(context, mount, await configOf(context, mount), uris);
      return { values: {}, beside: [] };
    },
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

async function checkConfig(context: Context, config: JwtConfig, mount: AuthMount): Promise<void> {
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
  await requireOwnRedirects(context, mount, config, await redirectsOf(context, mount));
}

function signersOf(config: JwtConfig): Signers {
  return {
    keys: config.jwt_validation_pubkeys,
    jwksUrl: config.jwks_url,
    issuer: config.oidc_discovery_url,
    algorithms: config.jwt_supported_algs,
  };
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whoever listens at one name of this machine hears what is sent to the others (RFC 8252 7.3). */
function placeOf(uri: string): string {
  const url = URL.parse(uri);
  if (!url) return uri;
  if (LOOPBACK.test(url.hostname)) url.hostname = "localhost";
  return url.href;
}

/**
 * ST-190: where a program passes on an answer without the name of the provider that gave it, a code of one provider could be sent to
 * another, which began a login with its challenge. So no two providers bring browsers back to one place (RFC 9700 4.4.2). `uris`: of the
 * mount, as its configuration is to be. Throws `BrokerError`.
 */
async function requireOwnRedirects(
  context: Context,
  { id }: Pick<AuthMount, "id">,
  config: JwtConfig,
  uris: readonly string[],
): Promise<void> {
  const places = new Map(uris.map((uri) => [placeOf(uri), uri]));
  if (!signsIn(config) || places.size === 0) return;
  for (const other of await listMounts(context)) {
    if (other.id === id || !["jwt", "oidc"].includes(other.type)) continue;
    const theirs = await configOf(context, other);
    if (!signsIn(theirs) || theirs.oidc_discovery_url === config.oidc_discovery_url) continue;
    const shared = (await redirectsOf(context, other)).find((uri) => places.has(placeOf(uri)));
    if (shared !== undefined) throw invalid(sharedText(places.get(placeOf(shared)) ?? shared));
  }
}

function sharedText(uri: string): string {
  const why = "which could be sent this one's codes, or this one its";
  return `allowed_redirect_uris: ${uri} is also that of a method whose provider is another one, ${why}: give each provider one of its own, such as another port (\`port\` of \`vault login\`)`;
}

function signsIn({ oidc_client_id: client, oidc_discovery_url: issuer }: JwtConfig): boolean {
  return client !== "" && issuer !== "";
}

/** Where its roles let browsers come back to a program. */
async function redirectsOf(context: Context, mount: AuthMount): Promise<readonly string[]> {
  const uris: string[] = [];
  for (const name of await roleNames(context, mount)) {
    const role = await readRole(context, mount, name);
    if (role) uris.push(...comesBackToCommands(jwtRoleOf(role.values)));
  }
  return uris;
}
