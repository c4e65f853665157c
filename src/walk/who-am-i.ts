import { whoAmI as ask } from "../protocol/identity/who-am-i.ts";
import { MATRIX_HOMESERVER } from "../providers/matrix-homeserver.ts";
import { recordingCall } from "./exchange.ts";
import type { Finding, StepResult, Tokens, WalkState } from "./state.ts";
import { adviceFor, bad, failed, good, missingStep, note, succeeded, warning } from "./step-result.ts";
import type { World } from "./world.ts";

/** Step 7: whose token it is, and whether it is what was asked for (matrix.md MX-W1, MX-W2, MX-S4). */
export async function whoAmI(state: WalkState, _input: object, world: World): Promise<StepResult> {
  const { found, tokens } = state;
  if (!found || !tokens) return missingStep(state, "a token");
  const { call, exchanges } = recordingCall(world);
  const { path } = MATRIX_HOMESERVER.account;
  const who = await ask(found.baseUrl + path, tokens.current.accessToken, MATRIX_HOMESERVER.account, call);
  if (who.kind === "failed") return failed(state, exchanges, [bad(who.text)]);
  if (who.kind === "refused") {
    return failed(state, exchanges, [bad(`The homeserver refuses the token: ${who.code}`), note(adviceFor(who.code))]);
  }
  const account = { userId: who.account, ...(who.device !== undefined && { deviceId: who.device }) };
  const device =
    who.device === tokens.deviceId ? good(`Device: ${who.device}, as requested`) : bad(deviceText(who.device, tokens));
  return succeeded({ ...state, account }, exchanges, [
    good(`Account: ${who.account}`),
    device,
    ...scopeFindings(tokens),
  ]);
}

function deviceText(device: string | undefined, { deviceId }: Tokens): string {
  return `Device: ${device ?? "none"}, not ${deviceId} as requested; do not use such a login`;
}

/** As sets: servers sort; one that is silent granted what was asked for (RFC 6749 5.1). */
function scopeFindings({ requestedScopes, current }: Tokens): readonly Finding[] {
  const { scopes = requestedScopes } = current;
  const lost = requestedScopes.filter((scope) => !scopes.includes(scope));
  const more = scopes.filter((scope) => !requestedScopes.includes(scope));
  return [
    lost.length === 0 ? good("Scope: granted as requested") : bad(`Scope: not granted: ${lost.join(" ")}`),
    ...more.map((scope) => warning(`Scope: granted without being requested: ${scope}`)),
  ];
}
