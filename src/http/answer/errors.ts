import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { type ErrorData, rfc3339 } from "../../api/index.ts";
import type { Broker } from "../../broker/broker.ts";
import { BrokerError, type ErrorKind, type PendingView } from "../../broker/errors.ts";
import type { Log } from "../../process/log.ts";
import { sendJson } from "./answer.ts";
import { describeError } from "./describe-error.ts";
import { HttpError } from "./http-error.ts";

/** As Fastify takes it. */
export type ErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Every error of every route becomes an answer here. `placeOf`: of the mount whose route a request has, where the handler serves such. */
export function errorHandler(
  deps: { broker: Broker; logger: Log },
  placeOf?: (request: FastifyRequest) => string,
): ErrorHandler {
  return async (error, request, reply) => {
    const failure = failureOf(error, request, deps.logger);
    if (failure.retryAfter !== undefined) reply.header("retry-after", String(failure.retryAfter));
    const waits = placeOf !== undefined && error instanceof BrokerError && error.kind === "wait";
    const status = waits ? await pendingStatus(deps.broker, () => placeOf(request)) : failure.status;
    return sendJson(reply, status, vaultErrors(error, failure, request.method));
  };
}

/** What an error of any kind is to whoever asked, whatever the form of the answer. */
export interface Failure {
  readonly status: number;
  /** Safe to show. */
  readonly text: string;
  /** Whole seconds; never 0, which invites a busy loop (RFC 9110 10.2.3). */
  readonly retryAfter?: number;
}

const STATUS: Readonly<Record<ErrorKind, number>> = {
  refused: 400,
  unauthenticated: 401,
  forbidden: 403,
  absent: 404,
  limited: 429,
  repeat: 502,
  wait: 503,
};

export function failureOf(error: unknown, request: Pick<FastifyRequest, "id">, logger: Log): Failure {
  if (error instanceof BrokerError) {
    const { retryAfter = error.kind === "wait" ? 1 : undefined } = error.detail;
    const status = STATUS[error.kind];
    const text = cut(error.message);
    return { status, text, ...(retryAfter !== undefined && { retryAfter: Math.max(1, Math.ceil(retryAfter)) }) };
  }
  if (error instanceof HttpError) return { status: error.statusCode, text: error.message };
  if (isFrameworkRefusal(error)) return { status: error.statusCode, text: refusalText(error) };
  if (isStoreTrouble(error))
    return { status: 503, text: "the store is not available at the moment: try again in a few seconds", retryAfter: 2 };
  logger.error("request_failed", { requestId: request.id, ...describeError(error) });
  return { status: 500, text: `internal error, request ${request.id}` };
}

/** The reason to wait may be the store itself: then the settings cannot be read either, nor those of a mount that has just gone. */
async function pendingStatus(broker: Broker, place: () => string): Promise<number> {
  try {
    return (await broker.readConfig(place()))?.pendingStatusCode === 400 ? 400 : 503;
  } catch {
    return 503;
  }
}

function vaultErrors(
  error: unknown,
  { text }: Failure,
  method: string,
): { errors: readonly string[]; data?: ErrorData } {
  if (error instanceof HttpError) return { errors: error.errors };
  if (isStoreTrouble(error)) return { errors: [text], data: { reason: "temporarily_unavailable" } };
  if (!(error instanceof BrokerError)) return { errors: [text] };
  const data = errorData(error, method);
  const texts = error.detail.problems?.map(cut) ?? [text];
  return { errors: texts, ...(Object.keys(data).length > 0 && { data }) };
}

/** Characters: a text may name a provider or server as long as a body. */
const LONGEST_TEXT = 2_000;

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT).toWellFormed()}…` : text;
}

function errorData(error: BrokerError, method: string): ErrorData {
  const { pending, reason, providerError, expiresAt } = error.detail;
  if (pending) return { status: "pending", ...pendingFields(pending) };
  return {
    // A refused write says nothing about the credential that was there before.
    ...(reason !== undefined && method === "GET" && { status: readStatus(error) }),
    ...(reason !== undefined && { reason }),
    ...(providerError !== undefined && { provider_error: providerError }),
    ...(expiresAt !== undefined && { expire_time: rfc3339(expiresAt) }),
  };
}

/** Reasons of a refused read that leave the credential as it is. */
const STILL_ISSUED: ReadonlySet<string> = new Set(["token_too_short", "invalid_target"]);

function readStatus(error: BrokerError): "issued" | "failed" {
  const { reason = "", credentialIssued = STILL_ISSUED.has(reason) } = error.detail;
  return error.kind === "refused" && !credentialIssued ? "failed" : "issued";
}

/** A pending credential on the wire, without its status. */
export function pendingFields(view: PendingView) {
  return {
    ...(view.userCode !== undefined && { user_code: view.userCode }),
    ...(view.verificationUri !== undefined && { verification_uri: view.verificationUri }),
    ...(view.verificationUriComplete !== undefined && { verification_uri_complete: view.verificationUriComplete }),
    ...(view.url !== undefined && { url: view.url }),
    expire_time: rfc3339(view.expiresAt),
    ...(view.interval !== undefined && { interval: Math.ceil(view.interval) }),
    ...(view.reason !== undefined && { reason: view.reason }),
    ...(view.providerError !== undefined && { provider_error: view.providerError }),
  };
}

/** `StoreUnavailable` and `StoreBroken` of the store's port, known by their names: http/ does not import the store. Nothing was written. */
function isStoreTrouble(error: unknown): boolean {
  return error instanceof Error && (error.name === "StoreUnavailable" || error.name === "StoreBroken");
}

/** What Fastify itself refuses of a request: bad URL, bad length, too large a body. */
function isFrameworkRefusal(error: unknown): error is FastifyError & { statusCode: number } {
  if (!(error instanceof Error)) return false;
  const { statusCode, code } = error as Partial<FastifyError>;
  const known = code?.startsWith("FST_ERR_") || code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE";
  return known === true && statusCode !== undefined && statusCode >= 400 && statusCode < 500;
}

function refusalText(error: { statusCode: number }): string {
  return error.statusCode === 413 ? "request body too large" : "bad request";
}
