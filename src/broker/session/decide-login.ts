import { sameText } from "../../process/same-text.ts";
import { authorizationCodeUrl } from "../credential/authorization-code-url.ts";
import type { Context } from "../process/context.ts";
import { endPending } from "../record/authorization-request.ts";
import { hashOfToken } from "../record/token-hash.ts";
import { findTypedLogin, type TypedLogin } from "../record/user-codes.ts";
import type { Decision, DecisionResult, LoginRequest, Visitor } from "../sessions.ts";

/** A code was typed: who asks for what. Undefined when there is no such login. */
export async function readTypedLogin(
  context: Context,
  mount: string,
  visitor: Visitor,
  typed: string,
): Promise<LoginRequest | undefined> {
  return (await findTypedLogin(context, mount, visitor, typed))?.request;
}

/** Takes a decision once: its code is gone then. */
export async function decideLogin(
  context: Context,
  mount: string,
  visitor: Visitor,
  { code, token, allow }: Decision,
): Promise<DecisionResult> {
  const login = await findTypedLogin(context, mount, visitor, code);
  if (!login || !sameText(login.request.token, token)) return { kind: "unknown" };
  const { codeRow, credential } = login;
  const url = allow ? await linkFor(context, mount, visitor, login) : undefined;
  if (!(await context.store.remove(codeRow))) return { kind: "unknown" };
  context.log.info("login_decided", { mount, id: credential.name, allowed: allow, address: visitor.address });
  if (url !== undefined) return { kind: "allowed", url };
  await endPending(context, credential.id, {
    type: "declined",
    error: { code: "access_denied", providerCode: "access_denied" },
    text: "the person denied the login",
  });
  return { kind: "denied" };
}

/** Authorization code and PKCE by the broker's callback, which this browser alone can come back to. */
async function linkFor(context: Context, mount: string, visitor: Visitor, { credential, state, request }: TypedLogin) {
  const { server, scopes, providerOptions, session, maximumExpirySeconds = 0 } = state.grant;
  const link = await authorizationCodeUrl(context, mount, {
    server,
    scopes,
    providerOptions,
    redirectUrl: "",
    state: "",
    authUrlParams: {},
    name: credential.name,
    pkce: "S256",
    codeChallenge: "",
    maximumExpirySeconds,
    browser: hashOfToken(visitor.browser),
    until: state.expiresAt,
    ...(session && { session }),
    ...(!request.session.trusted && { network: visitor.network }),
  });
  return link.url;
}
