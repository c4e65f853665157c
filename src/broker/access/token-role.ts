import type { Principal } from "../../access/authenticator.ts";
import { isLike } from "../../access/like.ts";
import type { TokenInput } from "../access.ts";
import { invalid } from "../errors.ts";

/** What a role of `auth/token` says of the tokens that are made as it (developer.hashicorp.com/vault/api-docs/auth/token). Lives are seconds. */
export interface TokenRole {
  readonly name: string;
  readonly allowed_policies: readonly string[];
  readonly allowed_policies_glob: readonly string[];
  readonly disallowed_policies: readonly string[];
  readonly disallowed_policies_glob: readonly string[];
  readonly orphan: boolean;
  readonly renewable: boolean;
  /** At the end of its tokens' path. */
  readonly path_suffix: string;
  readonly token_bound_cidrs: readonly string[];
  readonly token_explicit_max_ttl: number;
  readonly token_no_default_policy: boolean;
  readonly token_num_uses: number;
  readonly token_period: number;
}

/** What is asked for within what a role allows: of two limits the lesser one holds. */
export function withinRole(input: TokenInput, role: TokenRole): TokenInput {
  const path = [input.path, role.path_suffix].filter((part) => part !== "").join("/");
  return {
    ...input,
    path,
    orphan: input.orphan || role.orphan,
    renewable: input.renewable && role.renewable,
    noDefaultPolicy: input.noDefaultPolicy || role.token_no_default_policy,
    uses: lesser(input.uses, role.token_num_uses),
    explicitMaxTtl: lesser(input.explicitMaxTtl, role.token_explicit_max_ttl),
    period: lesser(input.period, role.token_period),
  };
}

/** 0 is no limit. What is wrong with it stays, and is refused as ever. */
function lesser(asked: number, limit: number): number {
  if (asked <= 0 || limit === 0) return asked === 0 ? limit : asked;
  return Math.min(asked, limit);
}

/** Whether a role says itself which policies its tokens may have; else they are among those of their maker. */
export function choosesPolicies(role: TokenRole): boolean {
  return isLimited(role) || role.disallowed_policies.length + role.disallowed_policies_glob.length > 0;
}

/**
 * Of such a role: those that are asked for, else all that it names, else its maker's; with `default`, unless somebody says no.
 * Throws `BrokerError` for what the role does not allow, and for `root` in the hands of whoever is not.
 */
export function policiesByRole(
  caller: Principal,
  asked: readonly string[],
  noDefaultPolicy: boolean,
  role: TokenRole,
): readonly string[] {
  const hasDefault = !noDefaultPolicy && !isDisallowed("default", role);
  const usual = isLimited(role) ? role.allowed_policies : caller.policies;
  const policies = new Set([...(asked.length > 0 ? asked : usual), ...(hasDefault ? ["default"] : [])]);
  for (const name of policies) {
    const isAllowed = !isLimited(role) || (hasDefault && name === "default") || isAllowedBy(name, role);
    if (!isAllowed) throw invalid(`token policy ${quoted(name)} is not among those that the role allows`);
    if (isDisallowed(name, role)) throw invalid(`token policy ${quoted(name)} is disallowed by this role`);
  }
  if (!policies.has("root")) return [...policies].toSorted();
  if (caller.policies.includes("root")) return ["root"];
  throw invalid("root tokens may not be created without parent token being root");
}

function isLimited({ allowed_policies: names, allowed_policies_glob: patterns }: TokenRole): boolean {
  return names.length + patterns.length > 0;
}

function isAllowedBy(name: string, { allowed_policies: names, allowed_policies_glob: patterns }: TokenRole): boolean {
  return names.includes(name) || patterns.some((pattern) => isLike(pattern, name));
}

function isDisallowed(name: string, role: TokenRole): boolean {
  const { disallowed_policies: names, disallowed_policies_glob: patterns } = role;
  return names.includes(name) || patterns.some((pattern) => isLike(pattern, name));
}

function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 64).toWellFormed());
}
