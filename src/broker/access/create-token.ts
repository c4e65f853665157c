import type { Principal } from "../../access/authenticator.ts";
import { LONGEST_TTL, lifeOf, type Token } from "../../access/token.ts";
import type { CreatedToken, TokenInput } from "../access.ts";
import { invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { type Callers, MOST_ANCESTORS } from "./callers.ts";
import { issueToken } from "./issue-token.ts";
import { choosesPolicies, policiesByRole, type TokenRole, withinRole } from "./token-role.ts";

/** UTF-16 units of a token's metadata as JSON, and of one name. */
const LONGEST_META = 4_096;
const LONGEST_NAME = 256;
const MOST_POLICIES = 64;

/** What Vault asks of whoever makes a token (vault-http.md section 5), as a role or as none. Throws `BrokerError`. */
export async function createToken(
  context: Context,
  callers: Callers,
  caller: Principal,
  asked: TokenInput,
  role?: TokenRole,
): Promise<CreatedToken> {
  const hasSudo = caller.acl.hasSudo("update", role ? asked.path : "auth/token/create");
  checkCaller(caller, asked, hasSudo, role);
  checkInput(asked);
  const input = role ? withinRole(asked, role) : asked;
  const policies = policiesOf(caller, input, hasSudo, role);
  const now = context.clock.now();
  const { period, explicitMaxTtl, path, meta, uses: usesLeft } = input;
  const { seconds, warnings } = lifeOf({ createdAt: now, period, explicitMaxTtl }, input.ttl, now);
  const isEndless = policies.includes("root") && input.ttl === 0 && period === 0 && explicitMaxTtl === 0;
  if (isEndless && caller.token?.expiresAt !== undefined) {
    throw invalid("expiring root tokens cannot create non-expiring root tokens");
  }
  const entity = input.entity ?? (input.orphan ? undefined : caller.token?.entity);
  const token: Token = {
    ...{ policies, path, meta, period, explicitMaxTtl, usesLeft },
    displayName: displayNameOf(input.displayName),
    createdAt: now,
    ttl: isEndless ? 0 : seconds,
    renewable: input.renewable && !isEndless,
    ...(!input.orphan && { parent: caller.accessor }),
    ...(entity && { entity }),
    ...(role && { role: role.name }),
    ...(role && role.token_bound_cidrs.length > 0 && { boundCidrs: role.token_bound_cidrs }),
    ...(!isEndless && { expiresAt: now + seconds * 1000 }),
  };
  return { ...(await keepToken(context, callers, caller, token)), warnings };
}

/** Keeps a new token, which is bound to the addresses of its maker's where it says none, and answers the only copy of it. */
export async function keepToken(
  context: Context,
  callers: Callers,
  caller: Principal,
  token: Token,
): Promise<Omit<CreatedToken, "warnings">> {
  const { boundCidrs = caller.token?.boundCidrs } = token;
  const { token: secret, principal } = await issueToken(context, callers, {
    ...token,
    ...(boundCidrs && { boundCidrs }),
  });
  context.log.info("token_created", {
    accessor: principal.accessor,
    by: caller.accessor,
    policies: token.policies.join(" "),
    ttl: token.ttl,
  });
  return { token: secret, principal };
}

/** Throws where it may have no children. */
export function checkParent({ isLimited, ancestors = 0 }: Principal): void {
  if (isLimited) throw invalid("restricted use token cannot generate child tokens");
  if (ancestors >= MOST_ANCESTORS) {
    throw invalid(`a token can have at most ${MOST_ANCESTORS} tokens above it: make an orphan`);
  }
}

function checkCaller(
  caller: Principal,
  { orphan, period, path }: TokenInput,
  hasSudo: boolean,
  role: TokenRole | undefined,
): void {
  checkParent(orphan || role?.orphan ? { ...caller, ancestors: 0 } : caller);
  // `create-orphan` has a path of its own, which policies name.
  if (orphan && path !== "auth/token/create-orphan" && !hasSudo) {
    throw invalid("root or sudo privileges required to create orphan token");
  }
  if (period > 0 && !hasSudo) throw invalid("root or sudo privileges required to create periodic token");
}

function checkInput({ uses, meta, displayName, policies, explicitMaxTtl, period, ttl }: TokenInput): void {
  if (uses < 0) throw invalid("number of uses cannot be negative");
  if (JSON.stringify(meta).length > LONGEST_META) throw invalid(`meta may have at most ${LONGEST_META} characters`);
  if (displayName.length > LONGEST_NAME) throw invalid(`display_name may have at most ${LONGEST_NAME} characters`);
  if (policies.length > MOST_POLICIES) throw invalid(`a token can have at most ${MOST_POLICIES} policies`);
  if (policies.some((name) => name.length > LONGEST_NAME))
    throw invalid(`the name of a policy may have at most ${LONGEST_NAME} characters`);
  // Whatever is longer is capped; but no time may be one that dates cannot have.
  if (Math.max(explicitMaxTtl, period, ttl) > LONGEST_TTL * 1_000)
    throw invalid("ttl, period or explicit_max_ttl is too long: give 32 days at most");
}

/** Among the parent's, unless that has sudo or a role says which; without any they are the parent's. */
function policiesOf(
  caller: Principal,
  { policies, noDefaultPolicy }: TokenInput,
  hasSudo: boolean,
  role: TokenRole | undefined,
): readonly string[] {
  const asked = policies.map((name) => name.trim().toLowerCase()).filter((name) => name !== "");
  if (role && choosesPolicies(role)) return policiesByRole(caller, asked, noDefaultPolicy, role);
  const isRoot = caller.policies.includes("root");
  if (asked.includes("root") && !isRoot)
    throw invalid("root tokens may not be created without parent token being root");
  if (!hasSudo && asked.some((name) => !caller.policies.includes(name))) {
    throw invalid("child policies must be subset of parent");
  }
  const named = asked.length > 0 ? asked : caller.policies;
  if (named.includes("root")) return ["root"];
  const mayHaveDefault = hasSudo || caller.policies.includes("default");
  const isAdded = asked.length > 0 && !noDefaultPolicy && mayHaveDefault;
  const all = new Set([...named, ...(isAdded ? ["default"] : [])]);
  if (noDefaultPolicy && !asked.includes("default")) all.delete("default");
  return [...all].toSorted();
}

/** As Vault writes it. */
function displayNameOf(given: string): string {
  const clean = given.replaceAll(/[^a-zA-Z0-9-]/g, "-").replace(/-+$/, "");
  return clean === "" ? "token" : `token-${clean}`;
}
