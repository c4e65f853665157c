import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import type { ErrorData } from "../api/index.ts";
import type { Broker } from "../broker/broker.ts";
import { BrokerError, type PendingView } from "../broker/errors.ts";
import type { Log } from "../log.ts";
import { sendJson } from "./answer.ts";
import { describeError } from "./describe-error.ts";
import { HttpError } from "./http-error.ts";
import { rfc3339 } from "./time.ts";

type ErrorHandler = (error: unknown, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Every error of every route becomes an answer here. `mount` is the one whose routes the handler serves, if any. */
export function errorHandler(deps: { broker: Broker; logger: Log }, mount?: string): ErrorHandler {
  return async (error, request, reply) => {
    if (error instanceof BrokerError) {
      const status = await statusOf(error, deps.broker, mount);
      const wait = error.detail.retryAfter;
      if (wait !== undefined || error.answer === "wait") reply.header("retry-after", wholeSeconds(wait));
      return sendJson(reply, status, brokerErrors(error, request.method));
    }
    if (error instanceof HttpError) return sendJson(reply, error.statusCode, { errors: error.errors });
    if (isFrameworkRefusal(error)) return sendJson(reply, error.statusCode, { errors: [refusalText(error)] });
    if (isStoreTrouble(error)) return sendStoreTrouble(reply);
    deps.logger.error("request_failed", { requestId: request.id, ...describeError(error) });
    return sendJson(reply, 500, { errors: [`internal error, request ${request.id}`] });
  };
}

async function statusOf(error: BrokerError, broker: Broker, mount: string | undefined): Promise<number> {
  switch (error.answer) {
    case "refused":
      return 400;
    case "forbidden":
      return 403;
    case "repeat":
      return 502;
    case "wait":
      return mount === undefined ? 503 : await pendingStatus(broker, mount);
    default:
      return error.answer satisfies never;
  }
}

/** The reason to wait may be the store itself: then the settings cannot be read either. */
async function pendingStatus(broker: Broker, mount: string): Promise<number> {
  const settings = await broker.readConfig(mount).catch(() => undefined);
  return settings?.pendingStatusCode === 400 ? 400 : 503;
}

/** RFC 9110 10.2.3: whole seconds; never 0, which invites a busy loop. */
function wholeSeconds(seconds: number | undefined): string {
  return String(Math.max(1, Math.ceil(seconds ?? 1)));
}

function brokerErrors(error: BrokerError, method: string): { errors: string[]; data?: ErrorData } {
  const data = errorData(error, method);
  const texts = error.detail.problems ?? [error.message];
  return { errors: texts.map(cut), ...(Object.keys(data).length > 0 && { data }) };
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
  return error.answer === "refused" && !credentialIssued ? "failed" : "issued";
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

function sendStoreTrouble(reply: FastifyReply) {
  const data: ErrorData = { reason: "temporarily_unavailable" };
  const text = "the store is not available just now: try again in a few seconds";
  return sendJson(reply.header("retry-after", "2"), 503, { errors: [text], data });
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
