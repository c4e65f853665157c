import { isCidr } from "../../access/cidr.ts";
import { LONGEST_TTL } from "../../access/token.ts";
import type { Sent, Values } from "../auth.ts";
import { invalid } from "../errors.ts";
import { bool, integer, list, seconds, text } from "./fields.ts";

/** What a role of any method says of the tokens of its logins (vault-http.md section 8). */
export const TOKEN_FIELDS = {
  token_ttl: seconds("Life of a token, and of each renewal; 0 = the mount's"),
  token_max_ttl: seconds("Life of a token with all renewals; 0 = the mount's"),
  token_policies: list("Names of policies"),
  token_bound_cidrs: list("Addresses from which its logins and tokens are taken; none = any"),
  token_explicit_max_ttl: seconds("Life of a token with all renewals, even of one with a period"),
  token_no_default_policy: bool("Leave the policy `default` out"),
  token_num_uses: integer("Requests that a token is good for; 0 = any number"),
  token_period: seconds("Each renewal gives as much, for ever"),
  token_type: text("`service`, or nothing: there is no other type"),
};

export type TokenRules = Values<typeof TOKEN_FIELDS>;

/** Names of the same fields before Vault 1.2, which clients still send. */
const FORMER = {
  policies: "token_policies",
  ttl: "token_ttl",
  max_ttl: "token_max_ttl",
  period: "token_period",
  num_uses: "token_num_uses",
  bound_cidrs: "token_bound_cidrs",
} as const;

export const FORMER_FIELDS = {
  policies: list("Older name of `token_policies`"),
  ttl: seconds("Older name of `token_ttl`"),
  max_ttl: seconds("Older name of `token_max_ttl`"),
  period: seconds("Older name of `token_period`"),
  num_uses: integer("Older name of `token_num_uses`"),
  bound_cidrs: list("Older name of `token_bound_cidrs`"),
};

/** What was sent under older names, under those of today. */
export function present(sent: Sent): Sent {
  const named = Object.entries(sent).map(([name, value]): readonly [string, unknown] => {
    const today = Object.entries(FORMER).find(([former]) => former === name)?.[1];
    return [today ?? name, value];
  });
  // What has its name of today wins.
  return {
    ...Object.fromEntries(named),
    ...Object.fromEntries(Object.entries(sent).filter(([name]) => !(name in FORMER))),
  };
}

const MOST_POLICIES = 64;
const LONGEST_NAME = 256;

/** The rules as they are kept. Throws `BrokerError`. */
export function checkedRules(rules: TokenRules): TokenRules {
  const { token_type: type, token_num_uses: uses, token_bound_cidrs: cidrs } = rules;
  if (!["", "service", "default-service", "default"].includes(type)) {
    throw invalid('token_type: tokens of another type than "service" are not supported');
  }
  if (uses < 0) throw invalid("token_num_uses cannot be negative");
  checkCidrs("token_bound_cidrs", cidrs);
  const lives = [rules.token_ttl, rules.token_max_ttl, rules.token_period, rules.token_explicit_max_ttl];
  if (Math.max(...lives) > LONGEST_TTL) throw invalid("a token lasts 32 days at most: give less, or nothing");
  const [ttl = 0, most = 0] = lives;
  if (most > 0 && ttl > most) throw invalid("token_ttl should not be greater than token_max_ttl");
  return { ...rules, token_policies: policiesOf(rules.token_policies) };
}

function policiesOf(given: readonly string[]): readonly string[] {
  const names = new Set(given.map((name) => name.trim().toLowerCase()).filter((name) => name !== ""));
  if (names.has("root")) throw invalid("token_policies: root cannot be given by a login");
  if (names.size > MOST_POLICIES) throw invalid(`token_policies: a token can have at most ${MOST_POLICIES} policies`);
  if ([...names].some((name) => name.length > LONGEST_NAME))
    throw invalid(`token_policies: a name may have at most ${LONGEST_NAME} characters`);
  return [...names].toSorted();
}

/** Throws `BrokerError` for what is no range of addresses. */
export function checkCidrs(name: string, cidrs: readonly string[]): void {
  const wrong = cidrs.find((cidr) => !isCidr(cidr));
  if (wrong !== undefined)
    throw invalid(`${name}: "${wrong.slice(0, 64).toWellFormed()}" is no range such as 10.0.0.0/8`);
}
