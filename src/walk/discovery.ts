import { message } from "../messages/walk/index.ts";
import { DiscoveryError, readMetadata } from "../protocol/discovery.ts";
import { findBaseUrl } from "../protocol/ladder/base-url.ts";
import { checkMetadata, issuerViolations } from "../protocol/ladder/check-metadata.ts";
import { fetchDocument } from "../protocol/ladder/fetch-document.ts";
import { findAuthorizationServer } from "../protocol/ladder/find-authorization-server.ts";
import { parseServerInput } from "../protocol/ladder/server-input.ts";
import { type JsonObject, parseJsonObject, textOf } from "../protocol/response/json.ts";
import { MATRIX_HOMESERVER } from "../providers/matrix-homeserver.ts";
import { type Exchange, recordingCall } from "./exchange.ts";
import type { Finding, FoundServer, StepResult, WalkState } from "./state.ts";
import { bad, failed, good, note, succeeded } from "./step-result.ts";
import { told } from "./told.ts";
import type { World } from "./world.ts";

const { ladder } = MATRIX_HOMESERVER;
const OLDER = ladder.rungs[2];

/** Step 1: from a user id, a server name or a URL to the authorization server (MSC2965). Success forgets all of another server. */
export async function discover(
  state: WalkState,
  input: { readonly homeserver: string },
  world: World,
): Promise<StepResult> {
  const { call, exchanges } = recordingCall(world);
  const text = input.homeserver.trim();
  try {
    const { baseUrl, rung, spelling, metadata } = await findAuthorizationServer(ladder, text, call);
    const document = parseJsonObject(exchanges.at(-1)?.answer?.body ?? "") ?? {};
    const found: FoundServer = { input: text, baseUrl, rung, spelling, metadata, document };
    return succeeded({ found }, exchanges, [...rungFindings(exchanges), ...foundFindings(found)]);
  } catch (error) {
    return failed(state, exchanges, [...rungFindings(exchanges), ...problemFindings(error)]);
  }
}

export interface HistoricInput {
  readonly homeserver: string;
  /** Instead of the usual place of `auth_issuer`. */
  readonly authIssuerUrl?: string;
  /** Instead of the usual place of the issuer's metadata. */
  readonly configurationUrl?: string;
}

/** Step 1 as it was in the drafts of 2023 to 2025: homeserver → issuer → OpenID discovery, each address visible and free to change. */
export async function discoverHistoric(state: WalkState, input: HistoricInput, world: World): Promise<StepResult> {
  const { call, exchanges } = recordingCall(world);
  try {
    const text = input.homeserver.trim();
    const server = parseServerInput(text, world.allowHttp === true);
    if (!server) throw new DiscoveryError(`this is not the name, user id or https URL of a ${ladder.noun}`, false);
    const baseUrl = await findBaseUrl(ladder, server, call);
    const get = async (step: string, url: string): Promise<JsonObject> => {
      const outcome = await fetchDocument(ladder, step, url, call);
      if (outcome.kind === "problem") throw outcome.error;
      if (outcome.kind === "absent") throw new DiscoveryError(`${step} (GET ${url}) does not exist`, false);
      return outcome.json;
    };
    const issuer = textOf((await get("auth_issuer", input.authIssuerUrl ?? authIssuerUrl(baseUrl))).issuer) ?? "";
    requireNone(issuerViolations({ issuer }, world.allowHttp === true));
    const document = await get("openid-configuration", input.configurationUrl ?? configurationUrl(issuer));
    if (document.issuer !== issuer)
      throw new DiscoveryError("the metadata belong to another issuer than auth_issuer names", false);
    requireNone(checkMetadata(document, world.allowHttp === true).violations);
    const metadata = readMetadata(document, world.allowHttp === true);
    const found: FoundServer = { input: text, baseUrl, rung: OLDER.name, spelling: OLDER.spelling, metadata, document };
    return succeeded({ found }, exchanges, foundFindings(found));
  } catch (error) {
    return failed(state, exchanges, [
      ...problemFindings(error),
      ...(isGone(exchanges) ? [note(message("discover.gone"))] : []),
    ]);
  }
}

/** The first place of the drafts, on a server that has left them behind. */
function isGone(exchanges: readonly Exchange[]): boolean {
  const last = exchanges.at(-1);
  return last?.answer?.status === 404 && last.url.endsWith(OLDER.path);
}

/** Where the drafts had the issuer. */
export function authIssuerUrl(baseUrl: string): string {
  return baseUrl + OLDER.path;
}

/** MX-D11. */
export function configurationUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

function requireNone(violations: readonly string[]): void {
  if (violations.length > 0) throw new DiscoveryError(`no usable metadata: ${violations.join("; ")}`, false);
}

function problemFindings(error: unknown): readonly Finding[] {
  if (!(error instanceof DiscoveryError)) throw error;
  const reason = error.isUnsupported ? "none" : error.temporary ? "again" : "end";
  return [bad(told(error.message)), note(message(`discover.${reason}`))];
}

function foundFindings({ baseUrl, rung, metadata }: FoundServer): readonly Finding[] {
  return [
    good(message("discover.api", { url: baseUrl })),
    good(message("discover.server", { issuer: metadata.issuer, rung })),
  ];
}

/** Why each rung was the last one, or was not. */
function rungFindings(exchanges: readonly Exchange[]): readonly Finding[] {
  return exchanges.map(({ url, answer, trouble }) => {
    const { pathname } = new URL(url);
    if (!answer) {
      const reason = message("discover.trouble");
      return bad(message("discover.place.trouble", { path: pathname, trouble: trouble ?? "", reason }));
    }
    const absent = answer.status === 404 || answer.status === 405 || answer.status === 400;
    const reason = message(`discover.${absent ? "absent" : answer.status === 200 ? "present" : "trouble"}`);
    return note(message("discover.place", { path: pathname, status: String(answer.status), reason }));
  });
}
