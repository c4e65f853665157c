import { RUNG_REASONS } from "../api/walk.ts";
import { DiscoveryError, readMetadata } from "../protocol/discovery.ts";
import { ask } from "../protocol/ladder/ask.ts";
import { findBaseUrl } from "../protocol/ladder/base-url.ts";
import { checkMetadata, issuerViolations } from "../protocol/ladder/check-metadata.ts";
import { findAuthorizationServer } from "../protocol/ladder/find-authorization-server.ts";
import { parseServerInput } from "../protocol/ladder/server-input.ts";
import { type JsonObject, parseJsonObject, textOf } from "../protocol/response/json.ts";
import { MATRIX_HOMESERVER } from "../providers/matrix-homeserver.ts";
import { type Exchange, recorded } from "./exchange.ts";
import type { Finding, Found, Taken, WalkState } from "./state.ts";
import { bad, failed, good, note, taken } from "./taken.ts";
import type { World } from "./world.ts";

const { ladder } = MATRIX_HOMESERVER;
const OLDER = ladder.rungs[2];

/** Step 1: from a user id, a server name or a URL to the authorization server (MSC2965). Success forgets all of another server. */
export async function discover(state: WalkState, input: { readonly homeserver: string }, world: World): Promise<Taken> {
  const { call, exchanges } = recorded(world);
  const text = input.homeserver.trim();
  try {
    const { baseUrl, rung, spelling, metadata } = await findAuthorizationServer(ladder, text, call);
    const document = parseJsonObject(exchanges.at(-1)?.answer?.body ?? "") ?? {};
    const found: Found = { input: text, baseUrl, rung, spelling, metadata, document };
    return taken({ found }, exchanges, [...rungFindings(exchanges), ...foundFindings(found)]);
  } catch (error) {
    return failed(state, exchanges, [...rungFindings(exchanges), ...problem(error)]);
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
export async function discoverHistoric(state: WalkState, input: HistoricInput, world: World): Promise<Taken> {
  const { call, exchanges } = recorded(world);
  try {
    const text = input.homeserver.trim();
    const server = parseServerInput(text, world.allowHttp === true);
    if (!server) throw new DiscoveryError(`this is not the name, user id or https URL of a ${ladder.noun}`, false);
    const baseUrl = await findBaseUrl(ladder, server, call);
    const get = async (step: string, url: string): Promise<JsonObject> => {
      const asked = await ask(ladder, step, url, call);
      if (asked.kind === "problem") throw asked.error;
      if (asked.kind === "absent") throw new DiscoveryError(`${step} (GET ${url}) does not exist`, false);
      return asked.json;
    };
    const issuer = textOf((await get("auth_issuer", input.authIssuerUrl ?? authIssuerUrl(baseUrl))).issuer) ?? "";
    refuseIfAny(issuerViolations({ issuer }, world.allowHttp === true));
    const document = await get("openid-configuration", input.configurationUrl ?? configurationUrl(issuer));
    if (document.issuer !== issuer)
      throw new DiscoveryError("the metadata belong to another issuer than auth_issuer names", false);
    refuseIfAny(checkMetadata(document, world.allowHttp === true).violations);
    const metadata = readMetadata(document, world.allowHttp === true);
    const found: Found = { input: text, baseUrl, rung: OLDER.name, spelling: OLDER.spelling, metadata, document };
    return taken({ found }, exchanges, foundFindings(found));
  } catch (error) {
    return failed(state, exchanges, problem(error));
  }
}

/** Where the drafts had the issuer. */
function authIssuerUrl(baseUrl: string): string {
  return baseUrl + OLDER.path;
}

/** MX-D11. */
function configurationUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

function refuseIfAny(violations: readonly string[]): void {
  if (violations.length > 0) throw new DiscoveryError(`no usable metadata: ${violations.join("; ")}`, false);
}

function problem(error: unknown): readonly Finding[] {
  if (!(error instanceof DiscoveryError)) throw error;
  return [bad(error.message), note(error.temporary ? RUNG_REASONS.again : RUNG_REASONS.end)];
}

function foundFindings({ baseUrl, rung, metadata }: Found): readonly Finding[] {
  return [good(`API: ${baseUrl}`), good(`Authorization server: ${metadata.issuer} (rung "${rung}")`)];
}

/** Why each rung was the last one, or was not. */
function rungFindings(exchanges: readonly Exchange[]): readonly Finding[] {
  return exchanges.map(({ url, answer, trouble }) => {
    const { pathname } = new URL(url);
    if (!answer) return bad(`${pathname}: ${trouble} — ${RUNG_REASONS.trouble}`);
    const absent = answer.status === 404 || answer.status === 405 || answer.status === 400;
    const reason = absent ? RUNG_REASONS.absent : answer.status === 200 ? RUNG_REASONS.present : RUNG_REASONS.trouble;
    return note(`${pathname}: ${answer.status} — ${reason}`);
  });
}
