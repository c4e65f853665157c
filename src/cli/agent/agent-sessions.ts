import { resume, type Session, type Token, type TokenOptions } from "../../client/index.ts";
import { connectionTo, OWN } from "../connect/broker.ts";
import { findLogin, type KeptLogin, loginWords } from "../connect/find-login.ts";
import { ask, inPlace } from "../connect/held-session.ts";
import { failureOf } from "../frame/fail.ts";
import { createOutput } from "../frame/output.ts";
import { readSessions } from "../kept/sessions-file.ts";
import { createAwsKeys } from "./aws-keys.ts";

/** A session that the agent holds, with the tokens that it keeps in memory. */
export interface AgentSession extends KeptLogin {
  readonly session: Session;
  readonly login: readonly string[];
}

interface LoginChoice {
  readonly name?: string;
  readonly addr?: string;
}

/** Sessions in memory, by id: each keeps its token until shortly before the end of its life. */
export function createAgentSessions() {
  const open = new Map<string, Promise<Session>>();
  /** By name, by server, or the only one. Throws as the commands do. */
  const find = async (name: string | undefined, addr?: string): Promise<AgentSession> => {
    const found = findLogin(readSessions(), name, addr ? { address: addr, by: "COATCHECK_ADDR" } : undefined);
    return { ...found, session: await opened(open, found), login: loginWords(found) };
  };
  return {
    awsKeys: createAwsKeys(),
    issuerOf: createIssuers(),
    names: () => Object.keys(readSessions()),
    find,
    /** The person's own broker ends when nobody needs it: then it is started, and asked once more. */
    async use<T>({ name, addr }: LoginChoice, call: (held: AgentSession) => Promise<T>): Promise<T> {
      const held = await find(name, addr);
      try {
        return await ask(held, call(held));
      } catch (error) {
        if (held.kept.next && (await inPlace(createOutput({ plain: true }), held)).kept.id !== held.kept.id) {
          const approved = await find(name, addr);
          return ask(approved, call(approved));
        }
        if (held.kept.broker !== OWN || failureOf(error).code !== "unreachable") throw error;
        open.delete(held.kept.session);
        const again = await find(name, addr);
        return ask(again, call(again));
      }
    },
    /** That login, and whatever else is not kept any more. */
    forget(name: string): void {
      const { [name]: _forgotten, ...others } = readSessions();
      const kept = new Set(Object.values(others).map(({ session }) => session));
      for (const session of open.keys()) if (!kept.has(session)) open.delete(session);
    },
  };
}

function opened(open: Map<string, Promise<Session>>, { kept }: KeptLogin): Promise<Session> {
  const found = open.get(kept.session);
  if (found !== undefined) return found;
  const session = connectionTo(kept.broker).then((connection) => resume(kept.session, connection));
  session.catch(() => open.delete(kept.session));
  open.set(kept.session, session);
  return session;
}

/** Of the account that signed in; where nobody vouched for one, or the broker is away, the server's name. */
function createIssuers() {
  const known = new WeakMap<Session, string>();
  return async ({ session, kept }: AgentSession): Promise<string> => {
    const issuer = known.get(session) ?? (await session.status().catch(() => undefined))?.account?.issuer;
    if (issuer !== undefined) known.set(session, issuer);
    return issuer ?? kept.server;
  };
}

export type AgentSessions = ReturnType<typeof createAgentSessions>;

export async function tokenOf({ session }: AgentSession, minValid?: number, idToken = false): Promise<Token> {
  const options: TokenOptions = { idToken, ...(minValid !== undefined && { minValid }) };
  return session.tokenDetails(options);
}
