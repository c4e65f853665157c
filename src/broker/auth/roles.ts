import { type Lives, lifeOf, type Token } from "../../access/token.ts";
import type { AuthMount, Sent } from "../auth.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { onlyOf, valuesOf } from "./fields.ts";
import type { Alongside, Method } from "./method.ts";
import { mountById } from "./mounts.ts";
import { type Place, readRole, storedConfig, writeConfig, writeRole } from "./stored.ts";
import { checkedRules, present, TOKEN_FIELDS, type TokenRules } from "./token-fields.ts";

/** UTF-16 units of all that a role or a configuration says, as JSON. */
const LONGEST = 65_536;

/** What is not sent stays as it was. Throws `BrokerError`, and changes nothing then. */
export async function writeMethodConfig(context: Context, method: Method, mount: AuthMount, sent: Sent): Promise<void> {
  const before = await storedConfig(context, mount);
  const values = { ...before?.values, ...onlyOf(method.config, sent) };
  checkLength(values);
  requireSecretsAnew(method, before?.values ?? {}, sent);
  await method.checkConfig(context, values, mount);
  if (!(await writeConfig(context, mount, values, before))) throw changed("the configuration");
  context.log.info("auth_configured", { path: mount.path });
}

/**
 * ST-192: no answer holds a secret, and so nobody who does not know it has it sent to an address of their own. Throws `BrokerError`
 * where it would go elsewhere than it was given for.
 */
function requireSecretsAnew({ config }: Method, before: Sent, sent: Sent): void {
  for (const [name, { goesTo, fallback }] of Object.entries(config)) {
    if (goesTo === undefined || (before[name] ?? fallback) === fallback || sent[name] !== undefined) continue;
    if (sent[goesTo] !== undefined && sent[goesTo] !== (before[goesTo] ?? ""))
      throw invalid(`${name} was given for another ${goesTo}: send it again with the new one, or an empty one`);
  }
}

/** The same for a role. */
export async function writeMethodRole(
  context: Context,
  method: Method,
  mount: AuthMount,
  name: string,
  sent: Sent,
): Promise<void> {
  await changeRole(context, mount, name, async (id, before) => {
    const given = { ...before, ...onlyOf(method.role, present(sent)) };
    const checked = { ...given, ...checkedRules(valuesOf(TOKEN_FIELDS, given)) };
    method.checkRole(checked);
    const { values, beside } = await method.alongside(context, mount, { id, name, values: checked }, before);
    return { values: { ...checked, ...values }, beside };
  });
  context.log.info("auth_role_written", { path: mount.path, role: name });
}

/** Keeps what becomes of a role, which keeps its id. Throws `BrokerError`, also where somebody else has changed it meanwhile. */
export async function changeRole(
  context: Context,
  place: Place,
  name: string,
  change: (id: string, before: Sent) => ReturnType<Alongside>,
): Promise<void> {
  const { id, revision, values: before } = (await readRole(context, place, name)) ?? { ...NEW, id: newId() };
  const { values, beside } = await change(id, before);
  checkLength(values);
  if (!(await writeRole(context, place, { id, name, revision, values }, beside))) throw changed("the role");
}

const NEW = { revision: 0, values: {} };

function changed(what: string): BrokerError {
  return new BrokerError("repeat", `${what} was changed in the same moment: try again`);
}

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

/** Of a login's token: what its role says now (token_ttl and token_max_ttl of Vault's documents). Throws `BrokerError`. */
export async function livesOfLogin(context: Context, token: Token, login: NonNullable<Token["login"]>): Promise<Lives> {
  const mount = await mountById(context, login.mount);
  const role = mount && (await readRole(context, mount, login.role));
  if (!mount || !role) throw invalid("the role of its login is not there any more: log in again");
  return livesOf(mount, valuesOf(TOKEN_FIELDS, role.values), token);
}

/** The life that a new token gets. */
export function firstLife(mount: AuthMount, rules: TokenRules, now: number) {
  return lifeOf(livesOf(mount, rules, { createdAt: now, explicitMaxTtl: rules.token_explicit_max_ttl }), 0, now);
}
