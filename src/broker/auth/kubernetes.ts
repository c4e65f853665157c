import { isLike } from "../../access/like.ts";
import type { Values } from "../auth.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { type Claims, checkTimes } from "./claims.ts";
import { bool, list, lower, secret, slice, text } from "./fields.ts";
import { LoginRefused, method } from "./method.ts";
import { type Account, accountIn } from "./service-account.ts";
import { checkSigners, type Signers, unverified, verified } from "./signatures.ts";
import { review } from "./token-review.ts";

const CONFIG = {
  kubernetes_host: text(
    "URL of the cluster's API server, which is asked about each login; none = tokens are judged by their keys",
  ),
  kubernetes_ca_cert: text("Not supported: trust an authority by `serve --ca-file`"),
  token_reviewer_jwt: secret("With which token reviews are asked for; none = the token itself", "kubernetes_host"),
  pem_keys: slice("Public keys or certificates of the cluster in PEM"),
  issuer: text("Issuer of the cluster's tokens, whose keys are found by OpenID discovery where none are given"),
  disable_iss_validation: bool("Taken and ignored: an issuer that is set is compared"),
  disable_local_ca_jwt: bool("Taken and ignored: nothing is read from the broker's own pod"),
};

const ROLE = {
  bound_service_account_names: list("Service accounts; a `*` stands for any characters"),
  bound_service_account_namespaces: list("Their namespaces, the same way"),
  audience: text("What the token must be for; needed where no API server is asked"),
  alias_name_source: text(
    "What an account is known by: `serviceaccount_uid`, or `serviceaccount_name`",
    "serviceaccount_uid",
  ),
};

/** A pod's service account (developer.hashicorp.com/vault/api-docs/auth/kubernetes). */
export const kubernetes = method({
  type: "kubernetes",
  config: CONFIG,
  role: ROLE,
  login: { role: lower("The role"), jwt: secret("The service account's token") },
  checkConfig: async (context, config) => {
    if (config.kubernetes_ca_cert !== "")
      throw invalid("authorities are trusted for the whole broker: start it with --ca-file");
    if (config.kubernetes_host === "" && config.pem_keys.length === 0 && config.issuer === "") {
      throw invalid("give kubernetes_host, or else pem_keys or an issuer");
    }
    if (config.kubernetes_host !== "" && !URL.canParse(config.kubernetes_host))
      throw invalid("kubernetes_host is no URL");
    const { issuer, ...signers } = signersOf(config);
    // Its keys are looked up where nothing else says whose a token is.
    await checkSigners(context, { ...signers, issuer: config.kubernetes_host === "" ? issuer : "" });
  },
  checkRole: (role) => {
    const { bound_service_account_names: names, bound_service_account_namespaces: namespaces } = role;
    if (names.length === 0) throw invalid('"bound_service_account_names" can not be empty');
    if (namespaces.length === 0) throw invalid('"bound_service_account_namespaces" can not be empty');
    if (names.includes("*") && namespaces.includes("*")) {
      throw invalid('service_account_names and service_account_namespaces can not both be "*"');
    }
    if (!["serviceaccount_uid", "serviceaccount_name"].includes(role.alias_name_source)) {
      throw invalid('alias_name_source must be "serviceaccount_uid" or "serviceaccount_name"');
    }
  },
  names: ({ role }) => role,
  judge: async (context, { mount, config, sent }, roles) => {
    const role = await roles.find(sent.role);
    const rules = role?.values ?? roles.nobodys;
    // All that is judged here comes before the role: how long it takes tells nobody which there are (ST-142).
    const isSigned = config.kubernetes_host === "" || config.pem_keys.length > 0;
    const claims = isSigned ? await verified(context, signersOf(config), sent.jwt) : unverified(sent.jwt);
    if (config.issuer !== "" && claims.iss !== config.issuer)
      throw new LoginRefused("the token is from another issuer");
    // Before the cluster is asked about it.
    checkAccount(accountIn(claims), rules);
    if (!role) throw new LoginRefused("there is no such role");
    const { name } = role;
    const account = await proved(context, config, { audience: rules.audience, token: sent.jwt, claims });
    checkAccount(account, rules);
    const full = `${account.namespace}/${account.name}`;
    return {
      role: name,
      alias: rules.alias_name_source === "serviceaccount_name" ? full : account.uid,
      metadata: {
        role: name,
        service_account_name: account.name,
        service_account_namespace: account.namespace,
        service_account_uid: account.uid,
      },
      displayName: `${mount.path}-${account.namespace}-${account.name}`,
      rules,
    };
  },
});

/** By the cluster's API server, which knows what was deleted since; else by its claims, whose signature holds. Throws `LoginRefused`. */
async function proved(
  context: Context,
  { kubernetes_host: host, token_reviewer_jwt: reviewer }: Values<typeof CONFIG>,
  { audience, token, claims }: { readonly audience: string; readonly token: string; readonly claims: Claims },
): Promise<Account> {
  if (host !== "") return review(context, { host, reviewer: reviewer || token, audience, token });
  const now = Math.floor(context.clock.now() / 1000);
  checkTimes(claims, { expiration_leeway: 0, not_before_leeway: 0, clock_skew_leeway: 0 }, now);
  const audiences = [claims.aud].flat();
  if (audience === "" || !audiences.includes(audience))
    throw new LoginRefused("the token is not for its role's audience");
  return accountIn(claims);
}

function signersOf({ pem_keys: keys, issuer }: Values<typeof CONFIG>): Signers {
  return { keys, jwksUrl: "", issuer, algorithms: [] };
}

function checkAccount({ namespace, name }: Account, rules: Values<typeof ROLE>): void {
  const isIn = (patterns: readonly string[], text: string) => patterns.some((pattern) => isLike(pattern, text));
  if (!isIn(rules.bound_service_account_namespaces, namespace)) throw new LoginRefused("namespace not authorized");
  if (!isIn(rules.bound_service_account_names, name)) throw new LoginRefused("service account name not authorized");
}
