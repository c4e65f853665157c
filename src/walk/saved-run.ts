import type { StepName } from "../api/walk.ts";
import { STEPS } from "../api/walk.ts";
import { isWalkKey, message, type WalkMessage } from "../messages/walk/index.ts";
import { DiscoveryError, readMetadata } from "../protocol/discovery.ts";
import type { JsonObject } from "../protocol/response/json.ts";
import { parseJsonObject } from "../protocol/response/json.ts";
import type { Lane } from "./command.ts";
import { type Exchange, masked } from "./exchange.ts";
import type { Finding, FoundServer, StepResult, WalkState } from "./state.ts";

/** A step that was taken, with what it found out. */
export interface TakenStep extends Pick<StepResult, "ok" | "findings" | "exchanges"> {
  readonly step: StepName;
}

export interface Run {
  /** As it was typed. */
  readonly homeserver: string;
  readonly lane: Lane;
  readonly state: WalkState;
  readonly steps: readonly TakenStep[];
}

const FORMAT = "coatcheck-walk";
const VERSION = 1;

/**
 * A run as a file: what happened, without a secret, and from where it goes on. The secrets of the login are the person's own,
 * and stand together in the member `secrets` when they are asked for; they are in the file as they are, because a key to seal
 * them would have to be kept beside it. Without them the run goes on from the registered client, which has none (MX-P10, MX-P14).
 */
export function saveRun(
  { homeserver, lane, state, steps }: Run,
  { withSecrets, say, now }: { readonly withSecrets: boolean; say(said: WalkMessage): string; readonly now: number },
): string {
  const { device, link, tokens, found, ...open } = state;
  const { metadata: _, ...server } = found ?? { metadata: undefined };
  const file = {
    format: FORMAT,
    version: VERSION,
    saved_at: new Date(now).toISOString(),
    homeserver,
    lane,
    state: { ...open, ...(found && { found: server }) },
    ...(withSecrets && { secrets: { device, link, tokens } }),
    steps: steps.map(({ findings, exchanges, ...step }) => ({
      ...step,
      findings: findings.map((finding) => ({ ...finding, text: say(finding.said) })),
      exchanges: exchanges.map((exchange) => masked(exchange)),
    })),
  };
  return JSON.stringify(file, null, 2);
}

/** A run out of its file, or what is wrong with that. Endpoints are judged again, as if the server had just sent them. */
export function readRun(text: string, allowsHttp: (homeserver: string) => boolean): Run | WalkMessage {
  const file = parseJsonObject(text);
  if (!file) return problem("resume.bad.json");
  const { format, version, homeserver, lane, state, secrets = {}, steps } = file;
  const isOurs = format === FORMAT && version === VERSION && isObject(state);
  if (
    !isOurs ||
    !isHomeserver(homeserver) ||
    !isLane(lane) ||
    !isObject(secrets) ||
    !Array.isArray(steps) ||
    !steps.every(isTaken)
  )
    return problem("resume.bad.format");
  if (!isState(state) || !isSecrets(secrets)) return problem("resume.bad.format");
  const found = isObject(state.found) ? serverOf(state.found, allowsHttp(homeserver)) : undefined;
  if (isObject(state.found) && !found) return problem("resume.bad.metadata");
  // Nothing else of them: what has not been looked at here must not come in beside what has.
  const known = { ...only(state, STATE), ...only(secrets, SECRETS), ...(found && { found }) } as WalkState;
  return { homeserver, lane, state: known, steps: (steps as readonly TakenStep[]).map(withoutMasks) };
}

const STATE = ["client", "account", "revoked"];
const SECRETS = ["device", "link", "tokens"];

function only(object: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name)));
}

/** They were masked as they were saved. */
function withoutMasks({ exchanges, ...step }: TakenStep): TakenStep {
  return { ...step, exchanges: exchanges.map((exchange) => ({ ...exchange, masks: {} })) };
}

function problem(reason: "resume.bad.json" | "resume.bad.format" | "resume.bad.metadata"): WalkMessage {
  return message("resume.bad", { reason: message(reason) });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** In a command it stands where an option could. */
function isHomeserver(value: unknown): value is string {
  return isText(value) && !value.trim().startsWith("-");
}

function isLane(value: unknown): value is Lane {
  return value === "present" || value === "older" || value === "older-elsewhere";
}

/** Without its metadata, which are read again out of the document. */
function serverOf(found: JsonObject, allowHttp: boolean): FoundServer | undefined {
  const { input, baseUrl, rung, spelling, document } = found;
  if (!isText(input) || !isText(baseUrl) || !isText(rung) || !isWebUrl(baseUrl, allowHttp)) return undefined;
  if ((spelling !== "stable" && spelling !== "unstable") || !isObject(document)) return undefined;
  try {
    return { input, baseUrl, rung, spelling, document, metadata: readMetadata(document, allowHttp) };
  } catch (error) {
    if (error instanceof DiscoveryError) return undefined;
    throw error;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isWebUrl(value: unknown, allowHttp: boolean): boolean {
  const protocol = isText(value) ? URL.parse(value)?.protocol : undefined;
  return protocol === "https:" || (protocol === "http:" && allowHttp);
}

/** Nothing comes without what comes before it. */
function isState({ found, client, account }: JsonObject): boolean {
  const isClient =
    isObject(client) && isText(client.clientId) && isObject(client.requested) && isObject(client.granted);
  return (
    (found === undefined || isObject(found)) &&
    (client === undefined || (isClient && found !== undefined)) &&
    (account === undefined || (isObject(account) && isText(account.userId)))
  );
}

function isSecrets({ device, link, tokens }: JsonObject): boolean {
  return (
    (device === undefined || isDevice(device)) &&
    (link === undefined || isLink(link)) &&
    (tokens === undefined || isTokens(tokens))
  );
}

const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isNumber = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value);

function isDevice(device: unknown): boolean {
  if (!isObject(device) || !isObject(device.authorization) || !Array.isArray(device.polls)) return false;
  const { deviceCode, userCode, verificationUri, verificationUriComplete = verificationUri } = device.authorization;
  const isPoll = (poll: unknown) => isObject(poll) && isNumber(poll.at) && isText(poll.said) && isNumber(poll.interval);
  return (
    isText(device.deviceId) &&
    isTexts(device.scopes) &&
    isText(deviceCode) &&
    isText(userCode) &&
    [verificationUri, verificationUriComplete].every((uri) => isWebUrl(uri, true)) &&
    [device.expiresAt, device.interval, device.nextPollAt ?? 0].every(isNumber) &&
    device.polls.every(isPoll)
  );
}

function isLink(link: unknown): boolean {
  if (!isObject(link)) return false;
  const { deviceId, redirectUri, prompt = "", state, verifier, challenge, url } = link;
  return (
    [deviceId, redirectUri, prompt, state, verifier, challenge].every(isText) &&
    isTexts(link.scopes) &&
    isWebUrl(url, true)
  );
}

function isTokens(tokens: unknown): boolean {
  if (!isObject(tokens) || !isObject(tokens.current)) return false;
  const { accessToken, refreshToken = "", scopes = [] } = tokens.current;
  const { requestedScopes, deviceId, replaced = "" } = tokens;
  return [accessToken, refreshToken, deviceId, replaced].every(isText) && [requestedScopes, scopes].every(isTexts);
}

function isTaken(step: unknown): boolean {
  if (!isObject(step) || !isText(step.step) || !Object.hasOwn(STEPS, step.step)) return false;
  const { ok, findings, exchanges } = step;
  return (
    typeof ok === "boolean" &&
    Array.isArray(findings) &&
    findings.every(isFinding) &&
    Array.isArray(exchanges) &&
    exchanges.every(isExchange)
  );
}

const KINDS: ReadonlySet<unknown> = new Set<Finding["kind"]>(["good", "bad", "warning", "note"]);

function isFinding(finding: unknown): boolean {
  return isObject(finding) && KINDS.has(finding.kind) && isMessage(finding.said) && isText(finding.link ?? "");
}

function isMessage(said: unknown): boolean {
  if (!isObject(said) || !isWalkKey(said.key) || !isObject(said.values ?? {})) return false;
  return Object.values(said.values ?? {}).every((value) => isText(value) || isNumber(value) || isMessage(value));
}

function isExchange(exchange: unknown): exchange is Exchange {
  if (!isObject(exchange)) return false;
  const { method, url, headers, body = "", bodyKind = "form", answer, trouble = "", milliseconds } = exchange;
  const isHeaders = (value: unknown) => isObject(value) && Object.values(value).every(isText);
  const isAnswer = isObject(answer) && isNumber(answer.status) && isHeaders(answer.headers) && isText(answer.body);
  return (
    [body, trouble].every(isText) &&
    // They become commands that people paste.
    isText(method) &&
    /^[A-Z]+$/.test(method) &&
    isWebUrl(url, true) &&
    (bodyKind === "form" || bodyKind === "json") &&
    isHeaders(headers) &&
    isNumber(milliseconds) &&
    (answer === undefined || isAnswer)
  );
}
