import type { Account } from "../../access/token.ts";
import type { Beside } from "../../store/port.ts";
import type { AuthMount, Fields, From, MethodShape, Sent, Values } from "../auth.ts";
import type { Context } from "../process/context.ts";
import { valuesOf } from "./fields.ts";
import type { StoredRole } from "./stored.ts";
import { FORMER_FIELDS, TOKEN_FIELDS, type TokenRules } from "./token-fields.ts";

/** A login that does not hold; the reason is for the operator's log alone. */
export class LoginRefused extends Error {
  override readonly name = "LoginRefused";
}

/** Whose a login is, and what follows for its token. */
export interface Identity {
  /** As which role. */
  readonly role: string;
  /** What the method calls them, always the same: policies name it. */
  readonly alias: string;
  /** Shown with the token; nothing secret. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly displayName: string;
  readonly rules: TokenRules;
  /** Proved by an issuer that the configuration names. */
  readonly account?: Account;
}

/** What a method is given to judge by. */
interface Attempt<Config extends Fields, Login extends Fields> {
  readonly mount: AuthMount;
  readonly config: Values<Config>;
  readonly sent: Values<Login>;
  readonly from: From;
}

type WithTokens<Role extends Fields> = Values<Role> & TokenRules;

/** How a method is written: three tables, and how a login is judged by what they hold. */
interface Definition<Config extends Fields, Role extends Fields, Login extends Fields> {
  readonly type: string;
  readonly noun?: "certs";
  readonly config: Config;
  readonly role: Role;
  readonly login: Login;
  /** Both throw `BrokerError`, which says what to do. */
  readonly checkConfig?: (context: Context, config: Values<Config>, mount: AuthMount) => void | Promise<void>;
  readonly checkRole?: (role: WithTokens<Role>) => void;
  /** What is written in one transaction with a role. Throws `BrokerError`. */
  readonly alongside?: Alongside;
  /** A role is gone: what belonged to it goes as well. */
  readonly removed?: (context: Context, mount: AuthMount, role: StoredRole) => Promise<void>;
  /** What is named openly, by which guesses are counted. */
  readonly names: (sent: Values<Login>) => string;
  /** Throws `LoginRefused`; `BrokerError` where it cannot be judged now. */
  readonly judge: (context: Context, attempt: Attempt<Config, Login>, roles: Roles<Role>) => Promise<Identity>;
}

/** What a method keeps with a role beyond what was sent: values of its own, and rows beside it. */
export type Alongside = (
  context: Context,
  mount: AuthMount,
  role: Pick<StoredRole, "id" | "name" | "values">,
  /** What the role said until now. */
  before: Sent,
) => Promise<{ readonly values: Sent; readonly beside: readonly Beside[] }>;

/** Roles of the mount that is logged in at. */
interface Roles<Role extends Fields> {
  /** Undefined where there is none of that name. */
  find(name: string): Promise<StoredRole<WithTokens<Role>> | undefined>;
  names(): Promise<readonly string[]>;
  /** What a role says of which nothing was written: judged where there is none, so that it takes as long. */
  readonly nobodys: WithTokens<Role>;
}

/** A method as it is used: whatever its tables are. */
export interface Method extends MethodShape {
  checkConfig(context: Context, config: Sent, mount: AuthMount): Promise<void>;
  checkRole(role: Sent): void;
  readonly alongside: Alongside;
  removed(context: Context, mount: AuthMount, role: StoredRole): Promise<void>;
  names(sent: Sent): string;
  judge(
    context: Context,
    attempt: { mount: AuthMount; config: Sent; sent: Sent; from: From },
    stored: { find(name: string): Promise<StoredRole | undefined>; names(): Promise<readonly string[]> },
  ): Promise<Identity>;
}

const nothing: Alongside = async () => ({ values: {}, beside: [] });

export function method<Config extends Fields, Role extends Fields, Login extends Fields>(
  definition: Definition<Config, Role, Login>,
): Method {
  const { type, noun = "role", config, login, checkConfig, checkRole, names, judge } = definition;
  const { alongside = nothing, removed = async () => {} } = definition;
  const role = { ...definition.role, ...TOKEN_FIELDS };
  const roleOf = (values: Sent): WithTokens<Role> => ({
    ...valuesOf(definition.role, values),
    ...valuesOf(TOKEN_FIELDS, values),
  });
  return {
    ...{ type, noun, config, role, login, formerly: FORMER_FIELDS },
    checkConfig: async (context, values, mount) => checkConfig?.(context, valuesOf(config, values), mount),
    checkRole: (values) => checkRole?.(roleOf(values)),
    ...{ alongside, removed },
    names: (sent) => names(valuesOf(login, sent)),
    judge: (context, attempt, stored) =>
      judge(
        context,
        { ...attempt, config: valuesOf(config, attempt.config), sent: valuesOf(login, attempt.sent) },
        {
          find: async (name) => {
            const found = await stored.find(name);
            return found && { ...found, values: roleOf(found.values) };
          },
          names: () => stored.names(),
          nobodys: roleOf({}),
        },
      ),
  };
}
