import type { Lives, Token } from "../../access/token.ts";
import type { TokenRole } from "../access/token-role.ts";
import type { Fields, Sent, TokenRoles, Values } from "../auth.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { bool, list, onlyOf, seconds, text, valuesOf } from "./fields.ts";
import { changeRole, livesOfLogin } from "./roles.ts";
import { readRole, removeRole, roleNames } from "./stored.ts";
import { checkedRules, FORMER_FIELDS, present, TOKEN_FIELDS } from "./token-fields.ts";

const { token_bound_cidrs, token_explicit_max_ttl, token_no_default_policy, token_num_uses, token_period } =
  TOKEN_FIELDS;
const OF_TOKENS = { token_bound_cidrs, token_explicit_max_ttl, token_no_default_policy, token_num_uses, token_period };

/** What a role of `auth/token` says (developer.hashicorp.com/vault/api-docs/auth/token). */
export const TOKEN_ROLE = {
  allowed_policies: list("Policies that its tokens may have, whoever makes them; none = those of the maker"),
  allowed_policies_glob: list("The same by patterns: a `*` stands for any characters"),
  disallowed_policies: list("Policies that its tokens may not have"),
  disallowed_policies_glob: list("The same by patterns"),
  orphan: bool("Its tokens outlive their maker's"),
  renewable: bool("Its tokens may be renewed", true),
  path_suffix: text("At the end of its tokens' `path`"),
  allowed_entity_aliases: list("Not supported"),
  ...OF_TOKENS,
  token_type: text("`service`, or nothing: there is no other type", "default-service"),
} satisfies Fields;

/** Names of the same fields before Vault 1.2, which clients still send. */
export const FORMERLY = {
  period: FORMER_FIELDS.period,
  explicit_max_ttl: seconds("Older name of `token_explicit_max_ttl`"),
  bound_cidrs: FORMER_FIELDS.bound_cidrs,
} satisfies Fields;

const TOKEN = { id: "token" } as const;

export function createTokenRoles(context: Context): TokenRoles {
  return {
    fields: TOKEN_ROLE,
    formerly: FORMERLY,
    list: () => roleNames(context, TOKEN),
    read: async (name) => {
      const role = await readTokenRole(context, name);
      // As in Vault, also under the names that older clients read.
      return role && { ...role, period: role.token_period, explicit_max_ttl: role.token_explicit_max_ttl };
    },
    write: async (name, sent) => {
      const { explicit_max_ttl: longest, ...others } = sent;
      const former = longest === undefined ? {} : { token_explicit_max_ttl: longest };
      await changeRole(context, TOKEN, name, async (_id, before) => {
        const values = { ...before, ...former, ...onlyOf(TOKEN_ROLE, present(others)) };
        return { values: checked(valuesOf(TOKEN_ROLE, values)), beside: [] };
      });
      context.log.info("token_role_written", { role: name });
    },
    remove: async (name) => {
      if (await removeRole(context, TOKEN, name)) context.log.info("token_role_removed", { role: name });
    },
  };
}

/** Throws `BrokerError`. */
function checked(role: Values<typeof TOKEN_ROLE>): Sent {
  if (role.allowed_entity_aliases.length > 0) throw invalid("allowed_entity_aliases is not supported");
  const { path_suffix: suffix } = role;
  if (suffix !== "" && (!/^\w[\w.-]{0,126}\w$/.test(suffix) || suffix.includes("..")))
    throw invalid("path_suffix has to be letters, digits, dots, hyphens and underscores, two of them at least");
  const { token_type: type, ...rules } = checkedRules(valuesOf(TOKEN_FIELDS, role));
  return {
    ...role,
    ...onlyOf(OF_TOKENS, rules),
    token_type: type === "" ? "default-service" : type,
    allowed_policies: namesOf(role.allowed_policies),
    allowed_policies_glob: namesOf(role.allowed_policies_glob),
    disallowed_policies: namesOf(role.disallowed_policies),
    disallowed_policies_glob: namesOf(role.disallowed_policies_glob),
  };
}

/** Names of policies are kept in lower case. */
function namesOf(given: readonly string[]): readonly string[] {
  return [...new Set(given.map((name) => name.trim().toLowerCase()).filter((name) => name !== ""))].toSorted();
}

export async function readTokenRole(
  context: Context,
  name: string,
): Promise<(TokenRole & Values<typeof TOKEN_ROLE>) | undefined> {
  const role = await readRole(context, TOKEN, name);
  return role && { name, ...valuesOf(TOKEN_ROLE, role.values) };
}

/** What a renewal goes by: what the role of a token says now. Throws `BrokerError`. */
export async function livesNow(context: Context, token: Token): Promise<Lives> {
  if (token.login) return livesOfLogin(context, token, token.login);
  if (token.role === undefined) return token;
  const role = await readRole(context, TOKEN, token.role);
  if (!role) throw invalid(`original token role ${JSON.stringify(token.role)} could not be found, not renewing`);
  return { ...token, period: valuesOf(TOKEN_ROLE, role.values).token_period };
}
