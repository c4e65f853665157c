import type { TestContext } from "node:test";
import type { Profile } from "../../../src/dev/matrix/profile.ts";
import { type QuirkServer, type QuirkServerOptions, quirkServer } from "../../servers/matrix/quirk-server.ts";
import { type Coatcheck, startCoatcheck } from "../coatcheck.ts";
import { FakeClock } from "../fake-clock.ts";
import { DEVICE } from "../misbehaving.ts";
import type { ApiAnswer } from "../request.ts";

export interface ProfilePair extends Coatcheck {
  readonly homeserver: QuirkServer;
  login(name?: string, options?: Record<string, unknown>): Promise<ApiAnswer>;
  /** Logs in, and lets the person approve at once. */
  loggedIn(name?: string, options?: Record<string, unknown>): Promise<ApiAnswer>;
  /** Whether the homeserver takes this access token. */
  accepts(accessToken: unknown): Promise<boolean>;
}

/** A broker and a homeserver of one kind on one false clock, with the server record `mx` for it. */
export async function startProfile(
  t: TestContext,
  profile: Profile,
  options: Record<string, unknown> = {},
  server: QuirkServerOptions = {},
): Promise<ProfilePair> {
  const clock = new FakeClock();
  const homeserver = await quirkServer(t, profile, { now: () => clock.now(), ...server });
  const coatcheck = await startCoatcheck(t, { clock, publicUrl: "https://coatcheck.example.com" });
  const provider_options = { homeserver: homeserver.baseUrl, ...options };
  const written = await coatcheck.write("oauth2/servers/mx", { provider: "matrix", provider_options });
  if (written.status >= 300) throw new Error(`server not written: ${JSON.stringify(written.body)}`);
  const login = (name = "bot", given = {}) =>
    coatcheck.write(`oauth2/creds/${name}`, { server: "mx", grant_type: DEVICE, provider_options: given });
  return {
    ...coatcheck,
    homeserver,
    login,
    loggedIn: async (name = "bot", given = {}) => {
      const started = await login(name, given);
      if (started.status !== 200) throw new Error(`not started: ${JSON.stringify(started.body)}`);
      homeserver.deviceCodes.approve(String(started.body?.data?.user_code), "alice");
      await coatcheck.pass(6_000);
      return coatcheck.read(`oauth2/creds/${name}`);
    },
    accepts: async (accessToken) => {
      const headers = { authorization: `Bearer ${accessToken}` };
      const { status } = await fetch(`${homeserver.baseUrl}/_matrix/client/v3/account/whoami`, { headers });
      return status === 200;
    },
  };
}
