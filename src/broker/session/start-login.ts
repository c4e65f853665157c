import type { GrantSession, SessionWay } from "../../credential/index.ts";
import type { CredentialInput } from "../broker.ts";
import type { CredentialWrite } from "../credential/credential-write.ts";
import { metadataForLogin } from "../credential/redeem-write.ts";
import { startDeviceCode } from "../credential/start-device-code.ts";
import type { Context } from "../process/context.ts";
import { startPageLogin } from "./start-page-login.ts";
import type { Wanted } from "./wanted-session.ts";

/** What a session's credential is not made of. */
const NOTHING = {
  grantType: "",
  code: "",
  redirectUrl: "",
  state: "",
  codeVerifier: "",
  iss: "",
  refreshToken: "",
  deviceCode: "",
  interval: 0,
  expiresIn: 0,
  maximumExpirySeconds: 0,
} as const satisfies Partial<CredentialInput>;

/** One short-code login for every provider: its own device grant, or the broker's page where it has none (or may not). */
export async function startLogin(context: Context, wanted: Wanted, name: string): Promise<void> {
  const { mount, server, scopes } = wanted;
  const { providerOptions } = wanted.input;
  const input = { ...NOTHING, server, scopes, providerOptions };
  const { label } = wanted.input;
  const metadata = await metadataForLogin(context, mount, { server, providerOptions });
  const way = wayOf(wanted, metadata.device_authorization_endpoint !== undefined);
  const write: CredentialWrite = { mount, name, server, input, label, session: sessionOf(wanted, way) };
  await (way.flow === "device" ? startDeviceCode(context, write) : startPageLogin(context, write));
}

function wayOf({ page }: Wanted, offered: boolean): SessionWay {
  if (page) return { flow: "page", because: page };
  return offered ? { flow: "device", because: "device_grant" } : { flow: "page", because: "no_device_grant" };
}

function sessionOf({ input: { expectedAccount } }: Wanted, way: SessionWay): GrantSession {
  return { way, ...(expectedAccount !== "" && { expectedAccount }) };
}
