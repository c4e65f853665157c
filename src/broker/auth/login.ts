import { createHash } from "node:crypto";
import { isWithin } from "../../access/cidr.ts";
import type { Entity, Token } from "../../access/token.ts";
import { uuidOf } from "../../access/uuid.ts";
import type { Callers } from "../access/callers.ts";
import { issueToken } from "../access/issue-token.ts";
import type { CreatedToken } from "../access.ts";
import type { AuthMount, From, Sent } from "../auth.ts";
import { BrokerError, limited } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { onlyOf } from "./fields.ts";
import { type Identity, LoginRefused } from "./method.ts";
import { methodOf } from "./methods.ts";
import { readMount } from "./mounts.ts";
import { firstLife } from "./roles.ts";
import { readConfig, readRole, roleNames } from "./stored.ts";

/** Logins in vain of one network as one role in a minute; whoever shares an address with a guesser has another role. */
const WRONG_PER_MINUTE = 20;

const REFUSED = "login refused: what was sent is not valid here; the broker's log says why";

/**
 * The one way to a token without a token: guesses are counted, the method says whose it is, and its role what the token may do.
 * Whatever is wrong is one answer, also that there is no such mount or role.
 */
export async function logIn(
  context: Context,
  callers: Callers,
  path: string,
  sent: Sent,
  from: From,
): Promise<CreatedToken> {
  const mount = await readMount(context, path);
  const method = mount && methodOf(mount.type);
  return guarded(context, { path, name: method?.names(sent) ?? "", from }, async () => {
    if (!mount || !method) throw new LoginRefused("nothing is enabled there");
    const attempt = { mount, config: (await readConfig(context, mount)) ?? {}, sent: onlyOf(method.login, sent), from };
    const identity = await method.judge(context, attempt, {
      find: async (name) => {
        const role = await readRole(context, mount, name.toLowerCase());
        // As much is read and opened as for one that is there (ST-142).
        if (!role) await readConfig(context, mount);
        return role;
      },
      names: () => roleNames(context, mount),
    });
    return issueLogin(context, callers, mount, identity, from);
  });
}

/** Counts what fails of it. Throws `BrokerError`. */
export async function guarded<T>(
  { limiter, log }: Pick<Context, "limiter" | "log">,
  { path, name, from }: { readonly path: string; readonly name: string; readonly from: From },
  work: () => Promise<T>,
): Promise<T> {
  const who = `${from.network}\n${path}\n${name.slice(0, 256)}`;
  const wait = limiter.wait("wrong login", who, WRONG_PER_MINUTE);
  if (wait > 0) throw limited("rate_limited", "too many wrong logins came from your address", wait);
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LoginRefused)) throw error;
    limiter.take("wrong login", who, WRONG_PER_MINUTE);
    log.warn("login_refused", { path, reason: error.message, address: from.address });
    throw new BrokerError("refused", REFUSED);
  }
}

/** The token of a login that holds. Throws `LoginRefused` where it came from an address that its role does not take. */
export async function issueLogin(
  context: Context,
  callers: Callers,
  mount: AuthMount,
  { role, alias, metadata, displayName, rules, account }: Identity,
  { address }: From,
): Promise<CreatedToken> {
  const cidrs = rules.token_bound_cidrs;
  if (!isWithin(cidrs, address)) throw new LoginRefused("it came from an address that its role does not take");
  const now = context.clock.now();
  const { seconds, warnings } = firstLife(mount, rules, now);
  const token: Token = {
    policies: [...new Set([...rules.token_policies, ...(rules.token_no_default_policy ? [] : ["default"])])].toSorted(),
    path: `auth/${mount.path}/login`,
    displayName,
    meta: metadata,
    createdAt: now,
    ttl: seconds,
    renewable: true,
    period: rules.token_period,
    explicitMaxTtl: rules.token_explicit_max_ttl,
    usesLeft: rules.token_num_uses,
    login: { mount: mount.id, role },
    entity: { ...entityOf(mount, alias, metadata), ...(account && { account }) },
    ...(cidrs.length > 0 && { boundCidrs: cidrs }),
    expiresAt: now + seconds * 1000,
  };
  const issued = await issueToken(context, callers, token);
  context.log.info("logged_in", { path: mount.path, role, accessor: issued.principal.accessor, address });
  return { ...issued, warnings };
}

/** Whoever a mount calls by one name is one: with an id that is always the same, and nothing is kept of it. */
export function entityOf(
  { id, accessor }: AuthMount,
  alias: string,
  metadata: Readonly<Record<string, string>>,
): Entity {
  const hash = createHash("sha256")
    .update(JSON.stringify([id, alias]))
    .digest("hex");
  return {
    id: uuidOf(hash),
    name: `entity_${hash.slice(32, 40)}`,
    metadata: {},
    aliases: { [accessor]: { name: alias, metadata } },
  };
}
