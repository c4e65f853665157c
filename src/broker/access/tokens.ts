import type { Principal } from "../../access/authenticator.ts";
import { type Lives, lifeOf, type Token } from "../../access/token.ts";
import type { Renewed, Tokens } from "../access.ts";
import { BrokerError, invalid } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { newId } from "../process/random.ts";
import { plainRow } from "../record/records.ts";
import { eachOfKind } from "../record/rows.ts";
import type { Callers, Root } from "./callers.ts";
import { createToken } from "./create-token.ts";
import { endChildren, endToken } from "./end-token.ts";
import { signIn } from "./sign-in.ts";
import type { TokenRole } from "./token-role.ts";
import { openToken, revokedRoot, TOKENS, tokenRow } from "./token-rows.ts";

/** What roles say of tokens. */
interface Roles {
  /** Of `auth/token`; undefined where there is none of that name. */
  find(name: string): Promise<TokenRole | undefined>;
  /** How long a token may last that has one, as it says now. Throws `BrokerError` where that is not there any more. */
  livesOf(token: Token): Promise<Lives>;
}

export function createTokens(context: Context, callers: Callers, roles: Roles): Tokens {
  return {
    find: (name) => callers.find(name),
    create: async (caller, input, name) => {
      const role = name === undefined ? undefined : await roles.find(name);
      if (name !== undefined && !role)
        throw invalid(`unknown role ${JSON.stringify(name.slice(0, 64).toWellFormed())}`);
      return createToken(context, callers, caller, input, role);
    },
    signIn: (caller, ends) => signIn(context, callers, caller, ends),
    renew: (principal, increment) => callers.changing(() => renewToken(context, callers, roles, principal, increment)),
    revoke: (principal, leaves) => callers.changing(() => revokeToken(context, callers.root, principal, leaves)),
    accessors: async () => {
      const accessors: string[] = [];
      await eachOfKind(context, TOKENS, ({ id }) => accessors.push(id));
      return accessors.toSorted();
    },
  };
}

async function renewToken(
  context: Context,
  callers: Callers,
  roles: Roles,
  { accessor }: Principal,
  increment: number,
): Promise<Renewed> {
  const row = await context.store.readById(accessor);
  const token = row?.kind === "token" ? openToken(context, row) : undefined;
  if (!row || !token?.renewable || token.expiresAt === undefined) throw invalid("lease is not renewable");
  const now = context.clock.now();
  const { seconds, warnings } = lifeOf(await roles.livesOf(token), increment, now);
  const renewed = { ...token, renewedAt: now, expiresAt: now + seconds * 1000 };
  const expect = { id: row.id, revision: row.revision };
  if (!(await context.store.write(tokenRow(context, row, renewed), expect))) throw changed();
  const principal = await callers.find({ accessor });
  if (!principal) throw invalid("the token has ended");
  return { principal, warnings };
}

async function revokeToken(
  context: Context,
  root: Root,
  { accessor, token }: Principal,
  leaves: "children" | undefined,
): Promise<void> {
  if (leaves === "children") await orphanChildren(context, accessor);
  if (token) await endToken(context, { id: accessor });
  else if (accessor === root.principal.accessor) {
    const row = plainRow(context, { ...revokedRoot(root.name), id: newId() }, { at: context.clock.now() });
    await context.store.write(row, { anything: true });
    endChildren(context, accessor);
  }
  context.log.info("token_revoked", { accessor });
}

/** One by one; those that are made meanwhile end with it. */
async function orphanChildren(context: Context, accessor: string): Promise<void> {
  await eachOfKind(context, { ...TOKENS, server: accessor }, async (row) => {
    const { parent: _, ...orphan } = openToken(context, row);
    const expect = { id: row.id, revision: row.revision };
    if (!(await context.store.write(tokenRow(context, row, orphan), expect))) throw changed();
  });
}

function changed(): BrokerError {
  return new BrokerError("repeat", "the token was changed in the same moment: try again");
}
