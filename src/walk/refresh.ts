import { message, type WalkMessage } from "../messages/walk/index.ts";
import { exchange } from "../protocol/endpoint.ts";
import { refreshTokenRequest } from "../protocol/refresh-token.ts";
import { transportOutcome } from "../protocol/response/failure.ts";
import { processTokenResponse } from "../protocol/response/token-response.ts";
import { TransportError } from "../protocol/response/transport-error.ts";
import { type Exchange, mask, recordingCall } from "./exchange.ts";
import { publicClient } from "./public-client.ts";
import type { Finding, StepResult, Tokens, WalkState } from "./state.ts";
import { failed, failureFindings, good, missingStep, note, succeeded, warning } from "./step-result.ts";
import type { World } from "./world.ts";

export interface RefreshInput {
  /** Sends the token from before the last refresh once more, as after a lost answer: only to the simulator. */
  readonly replay?: boolean;
  /** Throws the answer away, as a broken line or a crash does: only at the simulator. */
  readonly lost?: boolean;
}

/** Step 8: the next access token (RFC 6749 6, MSC2964). */
export async function refresh(
  state: WalkState,
  { replay = false, lost = false }: RefreshInput,
  world: World,
): Promise<StepResult> {
  const { found, client, tokens } = state;
  if (!found || !client || !tokens) return missingStep(state, message("missing.token"));
  const sent = replay ? tokens.replaced : tokens.current.refreshToken;
  if (sent === undefined) return missingStep(state, message(replay ? "missing.refresh" : "missing.refresh_token"));
  const { call, exchanges } = recordingCall(world);
  const response = await exchange(refreshTokenRequest(found.metadata, publicClient(client), sent, call));
  if (replay || lost) exchanges.splice(0, exchanges.length, ...exchanges.map(asSimulated));
  if (lost) return succeeded(state, exchanges, [warning(message("refresh.lost")), ...replayNotes()]);
  const outcome = response instanceof TransportError ? transportOutcome(response) : processTokenResponse(response);
  if (outcome.kind !== "tokens") return failedRefresh(state, exchanges, failureFindings(outcome), replay);
  const refreshToken = outcome.tokens.refreshToken ?? sent;
  const next: Tokens = { ...tokens, current: { ...outcome.tokens, refreshToken }, replaced: sent };
  const findings = [
    await change("access", tokens.current.accessToken, outcome.tokens.accessToken),
    await change("refresh", sent, refreshToken),
  ];
  return succeeded({ ...state, tokens: next }, exchanges, [...findings, ...replayNotes()]);
}

function asSimulated(one: Exchange): Exchange {
  return { ...one, simulated: true };
}

function failedRefresh(
  state: WalkState,
  exchanges: readonly Exchange[],
  findings: readonly Finding[],
  replay: boolean,
): StepResult {
  return failed(state, exchanges, replay ? [...findings, ...replayNotes()] : findings);
}

async function change(name: "access" | "refresh", before: string, after: string): Promise<Finding> {
  const [old, now] = [await mask(before), await mask(after)];
  return good(
    old === now ? message(`refresh.${name}.same`, { new: now }) : message(`refresh.${name}`, { old, new: now }),
  );
}

/** What each kind of server does when a used refresh token comes once more. */
const REPLAY: readonly (readonly [server: string, effect: WalkMessage])[] = [
  ["matrix-authentication-service", message("refresh.again.mas")],
  ["Tuwunel", message("refresh.again.tuwunel")],
  ["Continuwuity", message("refresh.again.continuwuity")],
];

function replayNotes(): readonly Finding[] {
  return REPLAY.map(([server, effect]) => note(message("refresh.again", { server, effect })));
}
