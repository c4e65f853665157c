import type { FastifyReply, FastifyRequest } from "fastify";
import { rfc3339, type SessionError, type SessionErrorCode } from "../../api/index.ts";
import { BrokerError, type PendingView } from "../../broker/errors.ts";
import type { Log } from "../../process/log.ts";
import { sendJson } from "./answer.ts";
import { type Failure, failureOf } from "./errors.ts";

/** Every error of the session API, as OAuth has them: `{error, error_description, …}`. */
export function sessionErrors(deps: { logger: Log; clock: { now(): number } }) {
  return async (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const failure = failureOf(error, request, deps.logger);
    const { status, retryAfter } = failure;
    if (retryAfter !== undefined) reply.header("retry-after", String(retryAfter));
    // RFC 6750 3: a client that knows nothing else of us knows this.
    if (status === 401) reply.header("www-authenticate", 'Bearer realm="coatcheck", error="invalid_token"');
    return sendJson(reply, status, errorBody(error, failure, deps.clock.now()));
  };
}

function errorBody(error: unknown, failure: Failure, now: number): SessionError {
  const body = { error: codeOf(error, failure.status), error_description: failure.text };
  if (!(error instanceof BrokerError)) return body;
  const { pending, prompt = pending, providerError, expiresAt, members, servers } = error.detail;
  return {
    ...members,
    ...body,
    ...(providerError !== undefined && { provider_error: providerError }),
    ...(expiresAt !== undefined && { expire_time: rfc3339(expiresAt) }),
    ...(servers && { servers: [...servers] }),
    ...(prompt && promptFields(prompt, now)),
  };
}

const BY_STATUS: Readonly<Record<number, SessionErrorCode>> = {
  401: "invalid_session",
  403: "permission_denied",
  404: "not_found",
  429: "rate_limited",
  500: "server_error",
  502: "temporarily_unavailable",
  503: "temporarily_unavailable",
};

function codeOf(error: unknown, status: number): SessionErrorCode {
  const detail = error instanceof BrokerError ? error.detail : {};
  if (detail.pending) return "authorization_pending";
  return detail.code ?? detail.reason ?? BY_STATUS[status] ?? "invalid_request";
}

/** What a person needs to finish a pending login. */
export function promptFields(view: PendingView, now: number) {
  return {
    ...(view.userCode !== undefined && { user_code: view.userCode }),
    ...(view.verificationUri !== undefined && { verification_uri: view.verificationUri }),
    ...(view.verificationUriComplete !== undefined && { verification_uri_complete: view.verificationUriComplete }),
    ...(view.redirectUri !== undefined && { redirect_uri: view.redirectUri }),
    ...(view.pageWarning !== undefined && { verification_warning: view.pageWarning }),
    expires_in: Math.max(0, Math.floor((view.expiresAt - now) / 1000)),
    interval: Math.ceil(view.interval ?? 5),
  };
}
