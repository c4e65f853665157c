import assert from "node:assert/strict";
import { startOpenIdProvider } from "../../../src/dev/openid-provider.ts";
import { type Coatcheck, startCoatcheck } from "../../support/coatcheck.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { call, policy } from "./stage.ts";

/** Of a login of a program, and of the dashboard, at the broker's public address. */
export const CALLBACK = "http://127.0.0.1:8200/v1/oauth2/callback";
export const SIGN_IN = "http://127.0.0.1:8200/ui/oidc/oidc/callback";

type Test = Parameters<typeof startCoatcheck>[0];
/** A page of somebody's, on no machine of the person. */
export const ELSEWHERE = "https://broker.example/back";
/** Where `bao login` listens. */
export const CLIENT = "http://localhost:8250/oidc/callback";

/** A broker and the certified provider, where somebody is signed in and consents. */
export async function startPeople(t: Test, role: Readonly<Record<string, unknown>> = {}, config: object = {}) {
  const broker = await startCoatcheck(t);
  const direct = `${broker.running.address}/v1/auth/oidc/oidc/callback`;
  const client = {
    ...{
      client_id: "coatcheck",
      client_secret: "client-secret",
      redirect_uris: [CLIENT, direct, CALLBACK, SIGN_IN, ELSEWHERE],
    },
    ...{ grant_types: ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"] },
    ...{ response_types: ["code" as const], application_type: "native" as const },
  };
  const now = () => broker.clock.now();
  const provider = await startOpenIdProvider({ clients: [client], person: "alice", now });
  t.after(() => provider.close());
  const ask = (method: string, path: string, body?: unknown) => call(broker, ROOT_TOKEN, method, path, body);
  await ask("POST", "sys/auth/oidc", { type: "oidc" });
  const given = {
    oidc_discovery_url: provider.issuer,
    oidc_client_id: "coatcheck",
    oidc_client_secret: "client-secret",
  };
  assert.deepEqual((await ask("POST", "auth/oidc/config", { ...given, default_role: "people", ...config })).errors, []);
  await policy(broker, "people", 'path "oauth2/config" { capabilities = ["read"] }');
  const usual = { user_claim: "sub", allowed_redirect_uris: [CLIENT, direct, SIGN_IN], token_policies: ["people"] };
  assert.deepEqual((await ask("POST", "auth/oidc/role/people", { ...usual, ...role })).errors, []);
  const open = (method: string, path: string, body?: unknown) =>
    call(broker, "", method, `auth/oidc/oidc/${path}`, body);
  return { broker, ask, open, direct, provider };
}

/** Follows a browser's redirects with its cookies, to the first address that is not the provider's. */
export async function signIn(link: string): Promise<URL> {
  const jar = new Map<string, string>();
  const { origin } = new URL(link);
  let at = new URL(link);
  while (at.origin === origin) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(at, { redirect: "manual", headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [name = "", value = ""] = set.split(";", 1)[0]?.split(/=(.*)/s) ?? [];
      jar.set(name, value);
    }
    const next = response.headers.get("location");
    if (next === null) throw new Error(`no way on from ${at.pathname}: ${response.status}`);
    at = new URL(next, at);
  }
  return at;
}

export const inPage = (page: string, name: string) =>
  new RegExp(`name="${name}" value="([^"]+)"`).exec(page)?.[1] ?? "";

export async function decide(broker: Coatcheck, page: string, decision: string, path = "oidc"): Promise<Response> {
  const form = { state: inPage(page, "state"), confirm: inPage(page, "confirm"), decision };
  return fetch(`${broker.running.address}/v1/auth/${path}/oidc/confirm`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
}
