import { resume, type Session, type Token } from "../../client/index.ts";
import { connectionTo } from "../broker/broker.ts";
import { type Found, findSession, loginCommand } from "../broker/held-session.ts";
import { readSessions } from "../files/sessions-file.ts";

/** A session that the agent holds, with the tokens that it keeps in memory. */
export interface AgentSession extends Found {
  readonly session: Session;
  readonly login: readonly string[];
}

/** Sessions in memory, by id: each keeps its token until shortly before the end of its life. */
export function createAgentSessions() {
  const open = new Map<string, Promise<Session>>();
  const sessionOf = ({ kept }: Found): Promise<Session> => {
    let session = open.get(kept.session);
    if (!session) {
      session = connectionTo(kept.broker).then((connection) => resume(kept.session, connection));
      session.catch(() => open.delete(kept.session));
      open.set(kept.session, session);
    }
    return session;
  };
  return {
    names: () => Object.keys(readSessions()),
    /** By name, by server, or the only one. Throws as the commands do. */
    async find(name: string | undefined): Promise<AgentSession> {
      const found = findSession(readSessions(), name);
      return { ...found, session: await sessionOf(found), login: loginCommand(found) };
    },
    forget(name: string): void {
      const kept = readSessions()[name];
      if (kept) open.delete(kept.session);
    },
  };
}

export type AgentSessions = ReturnType<typeof createAgentSessions>;

export async function tokenOf({ session }: AgentSession, minValid: number | undefined): Promise<Token> {
  return session.tokenDetails(minValid === undefined ? {} : { minValid });
}
