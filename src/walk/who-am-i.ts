import { message, type WalkMessage } from "../messages/walk/index.ts";
import { whoAmI as ask, type WhoAmI } from "../protocol/identity/who-am-i.ts";
import { parseJsonObject } from "../protocol/response/json.ts";
import { MATRIX_HOMESERVER } from "../providers/matrix-homeserver.ts";
import { accountPages } from "./account-pages.ts";
import { type Exchange, recordingCall } from "./exchange.ts";
import type { Finding, StepResult, Tokens, WalkState } from "./state.ts";
import { adviceFor, bad, failed, good, missingStep, note, succeeded, warning } from "./step-result.ts";
import { told } from "./told.ts";
import type { World } from "./world.ts";

/** Step 7: whose token it is, and whether it is what was asked for (matrix.md MX-W1, MX-W2, MX-S4). */
export async function whoAmI(state: WalkState, _input: object, world: World): Promise<StepResult> {
  const { found, tokens } = state;
  if (!found || !tokens) return missingStep(state, message("missing.token"));
  const { call, exchanges } = recordingCall(world);
  const { path } = MATRIX_HOMESERVER.account;
  const who = await ask(found.baseUrl + path, tokens.current.accessToken, MATRIX_HOMESERVER.account, call);
  if (who.kind === "failed") return failed(state, exchanges, [bad(told(who.text))]);
  if (who.kind === "refused") return failed(state, exchanges, refusedToken(who, exchanges));
  const account = { userId: who.account, ...(who.device !== undefined && { deviceId: who.device }) };
  const device =
    who.device === tokens.deviceId
      ? good(message("whoami.device", { device: who.device }))
      : bad(otherDevice(who.device, tokens));
  return succeeded({ ...state, account }, exchanges, [
    good(message("whoami.account", { account: who.account })),
    device,
    ...scopeFindings(tokens),
    ...accountPages(found, tokens),
  ]);
}

function otherDevice(device: string | undefined, { deviceId }: Tokens): WalkMessage {
  return message("whoami.other_device", { device: device ?? message("whoami.no_device"), requested: deviceId });
}

/** A token that the homeserver does not take, and what `soft_logout` in its answer is worth (MX-U1). */
function refusedToken(
  { code, locked }: Extract<WhoAmI, { kind: "refused" }>,
  exchanges: readonly Exchange[],
): readonly Finding[] {
  const refused = [bad(message("whoami.refused", { code })), note(adviceFor(code))];
  if (locked) return refused;
  const soft = softLogoutOf(exchanges);
  const said = soft === true ? "whoami.soft" : soft === false ? "whoami.hard" : "whoami.no_soft";
  return [...refused, note(message(said)), note(message("whoami.soft.rule"))];
}

/** `soft_logout` of the last answer, whatever it is. */
export function softLogoutOf(exchanges: readonly Exchange[]): unknown {
  return parseJsonObject(exchanges.at(-1)?.answer?.body ?? "")?.soft_logout;
}

/** As sets: servers sort; one that is silent granted what was asked for (RFC 6749 5.1). */
function scopeFindings({ requestedScopes, current }: Tokens): readonly Finding[] {
  const { scopes = requestedScopes } = current;
  const lost = requestedScopes.filter((scope) => !scopes.includes(scope));
  const more = scopes.filter((scope) => !requestedScopes.includes(scope));
  return [
    lost.length === 0 ? good(message("whoami.scope")) : bad(message("whoami.lost", { scopes: lost.join(" ") })),
    ...more.map((scope) => warning(message("whoami.more", { scope }))),
  ];
}
