import { failureOf } from "../frame/fail.ts";
import { type AgentSession, type AgentSessions, tokenOf } from "./agent-sessions.ts";
import type { AgentToken, SentRequest } from "./agent-wire.ts";
import type { AwsKeys, Role } from "./assume-role.ts";
import { answerOidc } from "./oidc-agent.ts";

/** The answer to one request, whichever of the two languages it is in. An answer never waits for a login. */
export async function answerRequest(sessions: AgentSessions, request: object, stop: () => void): Promise<object> {
  try {
    return await answerOwn(sessions, request as SentRequest, stop);
  } catch (error) {
    const { code, message, exit, next } = failureOf(error);
    return { status: "failure", error: { code, message, exit, ...(next && { next }) } };
  }
}

async function answerOwn(sessions: AgentSessions, request: SentRequest, stop: () => void): Promise<object> {
  switch (request.request) {
    case "token":
      return { status: "success", token: await sessions.use(request, (held) => agentToken(held, request)) };
    case "aws":
      return {
        status: "success",
        aws: await sessions.use(request, (held) => awsKeys(sessions, held, request.role)),
      };
    case "rejected":
      await sessions.use(request, ({ session }) => session.rejected({ sha256: request.token_sha256 }));
      return { status: "success" };
    case "forget":
      sessions.forget(request.name);
      return { status: "success" };
    case "process":
      return { status: "success", pid: process.pid };
    case "stop":
      stop();
      return { status: "success" };
    default:
      return answerOidc(sessions, request);
  }
}

function awsKeys(sessions: AgentSessions, held: AgentSession, role: Role): Promise<AwsKeys> {
  const idToken = async () => (await tokenOf(held, undefined, true)).idToken ?? "";
  return sessions.awsKeys(held.kept.session, role, idToken);
}

async function agentToken(
  held: AgentSession,
  asked: { readonly min_valid?: number; readonly id_token?: true },
): Promise<AgentToken> {
  const token = await tokenOf(held, asked.min_valid, asked.id_token);
  return {
    name: held.name,
    access_token: token.accessToken,
    token_type: token.tokenType,
    ...(token.expiresIn !== undefined && { expires_in: token.expiresIn }),
    ...(token.scopes && { scopes: token.scopes }),
    ...(token.idToken !== undefined && { id_token: token.idToken }),
    ...(token.idTokenExpiresIn !== undefined && { id_token_expires_in: token.idTokenExpiresIn }),
  };
}
