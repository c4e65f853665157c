import type { CredentialInput } from "../broker.ts";
import { invalid, type PendingView } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { findFlow } from "../record/flow.ts";
import { serverNameOf } from "../server/server-name.ts";
import type { CredentialWrite } from "./credential-write.ts";
import { exchangeCode } from "./exchange-code.ts";
import { importRefreshToken } from "./import-refresh-token.ts";
import { startDeviceCode } from "./start-device-code.ts";

const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

type Starter = (context: Context, write: CredentialWrite) => Promise<PendingView | undefined>;

const STARTERS: Readonly<Record<string, Starter>> = {
  authorization_code: exchangeCode,
  refresh_token: importRefreshToken,
  [DEVICE_CODE_GRANT]: startDeviceCode,
};

/** Starts or finishes a grant under a name; success begins a new generation, failure changes nothing. */
export async function writeCredential(
  context: Context,
  mount: string,
  name: string,
  input: CredentialInput,
): Promise<PendingView | undefined> {
  const start = STARTERS[grantTypeOf(input)];
  if (!start || !Object.hasOwn(STARTERS, grantTypeOf(input))) throw invalid("unknown grant_type");
  const server = (await serverOfState(context, mount, input)) ?? (await serverNameOf(context, mount, input.server));
  return start(context, { mount, name, server, input });
}

/** A `state` of ours knows its server; nobody has to name it again. */
async function serverOfState(context: Context, mount: string, input: CredentialInput): Promise<string | undefined> {
  if (input.server !== "" || input.state === "") return undefined;
  return (await findFlow(context, mount, input.state))?.flow.server;
}

function grantTypeOf(input: CredentialInput): string {
  if (input.grantType !== "") return input.grantType;
  return input.refreshToken === "" ? "authorization_code" : "refresh_token";
}
