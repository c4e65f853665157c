import { type Lives, lifeOf, type Token } from "../../access/token.ts";
import type { AuthMount, Sent } from "../auth.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { onlyOf, valuesOf } from "./fields.ts";
import type { Method } from "./method.ts";
import { mountById } from "./mounts.ts";
import { readConfig, readRole, writeConfig, writeRole } from "./stored.ts";
import { checkedRules, present, TOKEN_FIELDS, type TokenRules } from "./token-fields.ts";

/** UTF-16 units of all that a role or a configuration says, as JSON. */
const LONGEST = 65_536;

/** What is not sent stays as it was. Throws `BrokerError`, and changes nothing then. */
export async function writeMethodConfig(context: Context, method: Method, mount: AuthMount, sent: Sent): Promise<void> {
  const values = { ...(await readConfig(context, mount)), ...onlyOf(method.config, sent) };
  checkLength(values);
  await method.checkConfig(context, values);
  await writeConfig(context, mount, values);
  context.log.info("auth_configured", { path: mount.path });
}

/** The same for a role; it keeps its id. */
export async function writeMethodRole(
  context: Context,
  method: Method,
  mount: AuthMount,
  name: string,
  sent: Sent,
): Promise<void> {
  const { id, revision, values: before } = (await readRole(context, mount, name)) ?? { ...NEW, id: newId() };
  const given = { ...before, ...onlyOf(method.role, present(sent)) };
  const checked = { ...given, ...checkedRules(valuesOf(TOKEN_FIELDS, given)) };
  method.checkRole(checked);
  const more = await method.alongside(context, mount, { id, name, values: checked });
  const values = { ...checked, ...more.values };
  checkLength(values);
  if (!(await writeRole(context, mount, { id, name, revision, values }, more.beside))) {
    throw new BrokerError("repeat", "the role was changed in the same moment: try again");
  }
  context.log.info("auth_role_written", { path: mount.path, role: name });
}

const NEW = { revision: 0, values: {} };

function checkLength(values: Sent): void {
  if (JSON.stringify(values).length > LONGEST) throw invalid(`all of it may have at most ${LONGEST} characters`);
}

/** How long a token of a login lasts; `createdAt` in epoch milliseconds. */
function livesOf(
  mount: AuthMount,
  rules: TokenRules,
  { createdAt, explicitMaxTtl }: Pick<Token, "createdAt" | "explicitMaxTtl">,
): Lives {
  const limits = [rules.token_max_ttl, mount.maxTtl].filter((most) => most > 0);
  return {
    createdAt,
    explicitMaxTtl,
    period: rules.token_period,
    usual: rules.token_ttl > 0 ? rules.token_ttl : mount.defaultTtl,
    most: limits.length > 0 ? Math.min(...limits) : 0,
  };
}

/** What a renewal goes by: what its role says now (token_ttl and token_max_ttl of Vault's documents). Throws `BrokerError`. */
export async function livesNow(context: Context, token: Token): Promise<Lives> {
  if (!token.login) return token;
  const mount = await mountById(context, token.login.mount);
  const role = mount && (await readRole(context, mount, token.login.role));
  if (!mount || !role) throw invalid("the role of its login is not there any more: log in again");
  return livesOf(mount, valuesOf(TOKEN_FIELDS, role.values), token);
}

/** The life that a new token gets. */
export function firstLife(mount: AuthMount, rules: TokenRules, now: number) {
  return lifeOf(livesOf(mount, rules, { createdAt: now, explicitMaxTtl: rules.token_explicit_max_ttl }), 0, now);
}
