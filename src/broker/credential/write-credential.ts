import type { CredentialInput } from "../broker.ts";
import { invalid, type PendingView } from "../errors.ts";
import type { Context } from "../process/context.ts";
import type { CredentialWrite } from "./credential-write.ts";
import { exchangeCode } from "./exchange-code.ts";
import { importRefreshToken } from "./import-refresh-token.ts";
import { writeDeviceCode } from "./start-device-code.ts";

const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

type Starter = (context: Context, write: CredentialWrite) => Promise<PendingView | undefined>;

const STARTERS: ReadonlyMap<string, Starter> = new Map<string, Starter>([
  ["authorization_code", exchangeCode],
  ["refresh_token", importRefreshToken],
  [DEVICE_CODE_GRANT, writeDeviceCode],
]);

/** Starts or finishes a grant under a name; success begins a new generation, failure changes nothing. */
export async function writeCredential(
  context: Context,
  mount: string,
  name: string,
  input: CredentialInput,
  by?: string,
): Promise<PendingView | undefined> {
  const start = STARTERS.get(grantTypeOf(input));
  if (!start) throw invalid("unknown grant_type");
  return start(context, { mount, name, input, by });
}

function grantTypeOf(input: CredentialInput): string {
  if (input.grantType !== "") return input.grantType;
  return input.refreshToken === "" ? "authorization_code" : "refresh_token";
}
