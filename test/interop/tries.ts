import { eventually } from "../support/eventually.ts";
import { type ApiAnswer, ROOT_TOKEN } from "../support/request.ts";
import type { RealBroker } from "./broker.ts";
import { allow } from "./browser.ts";
import type { ClientFields, RealServer } from "./server.ts";
import { CAPABILITIES, type Capability, type Seen } from "./table.ts";

/** So long a token counts, so that two refreshes can be waited for. Seconds. */
const TOKEN_SECONDS = 20;

/** Milliseconds: a login with polls each 5 s; two refreshes. */
const LOGIN_MS = 30_000;
const REFRESH_MS = 60_000;

const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";

interface Stage {
  readonly broker: RealBroker;
  readonly server: RealServer;
  /** Of the login that stays, for what comes after it. */
  login?: { readonly credential: string; readonly record: string };
}

/** Tries everything in turn; a failure of one is its cell, and the next is tried all the same. */
export async function tryAll(broker: RealBroker, server: RealServer): Promise<Record<Capability, Seen>> {
  const stage: Stage = { broker, server };
  const seen = new Map<Capability, Seen>();
  for (const capability of IN_ORDER) {
    const lack = server.lacks[capability];
    if (lack !== undefined) seen.set(capability, { verdict: "absent", note: lack });
    else seen.set(capability, await TRIES[capability](stage).then(yes, no));
  }
  return Object.fromEntries(seen) as Record<Capability, Seen>;
}

const yes = (note: string): Seen => ({ verdict: "yes", note });
const no = (error: Error): Seen => ({
  verdict: error instanceof NoSuchThing ? "absent" : "no",
  note: error.message,
});

/** What the server does otherwise, and rightly so. */
class NoSuchThing extends Error {}

/** A revocation ends the login that the others use. */
const IN_ORDER = [...CAPABILITIES.filter((one) => one !== "revocation"), "revocation"] as const;

const TRIES: Readonly<Record<Capability, (stage: Stage) => Promise<string>>> = {
  device: (stage) => otherwise(stage, "device", (as) => asEach(as, "device", logInByDevice)),
  code: (stage) => asEach(stage, "code", logInByCode),
  refresh: async (stage) => {
    await refreshed(stage, 1);
    return "";
  },
  rotation: async (stage) => {
    await refreshed(stage, 2);
    const sent = stage.broker.refreshTokensSentTo(originOf(stage.server)).slice(-2);
    if (new Set(sent).size < 2) throw new NoSuchThing("the refresh token stays the same");
    return "a new refresh token at each refresh";
  },
  self: (stage) => self(stage, "self", stage.server.self),
  private_key_jwt: async (stage) => {
    const { keyed, keyedGrant } = stage.server;
    if (keyedGrant !== "code") return self(stage, "keyed", keyed);
    await record(stage, "keyed", keyed ?? {});
    await logInByCode(stage, "keyed", "keyed");
    await stage.broker.delete("oauth2/creds/keyed");
    return "at the code grant";
  },
  sts: async (stage) => {
    const { credential } = loggedIn(stage);
    const path = `oauth2/sts/${credential}?${stage.server.exchange ?? ""}`;
    expect(await stage.broker.read(path), 200, "the exchange");
    return "";
  },
  registration: (stage) => otherwise(stage, "registration", register),
  account,
  revocation: revoke,
};

async function otherwise(
  stage: Stage,
  what: "device" | "registration",
  attempt: (stage: Stage) => Promise<string>,
): Promise<string> {
  const other = stage.server.otherwise?.[what];
  if (other === undefined) return attempt(stage);
  const as: Stage = { ...stage, server: { ...stage.server, ...other } };
  const note = await attempt(as);
  if (as.login) stage.login = as.login;
  return `${note}; ${other.note}`;
}

async function asEach(
  stage: Stage,
  grant: "device" | "code",
  logIn: (stage: Stage, record: string, credential: string) => Promise<void>,
): Promise<string> {
  const clients = Object.entries(stage.server.clients[grant]);
  for (const [kind, client] of clients) {
    const name = `${grant}-${kind}`;
    await record(stage, name, client);
    await logIn(stage, name, name).catch((error) => {
      throw new Error(`${kind} client: ${error.message}`);
    });
    // So that what is sent from now on is of one login.
    if (stage.login) await stage.broker.delete(`oauth2/creds/${stage.login.credential}`);
    stage.login = { credential: name, record: name };
  }
  return `${clients.map(([kind]) => kind).join(" and ")} client`;
}

async function record({ broker, server }: Stage, name: string, client: object, options = {}): Promise<void> {
  const body = {
    provider: server.provider,
    provider_options: { ...server.options, ...options },
    maximum_expiry_seconds: TOKEN_SECONDS,
    allow_sessions: true,
    ...client,
  };
  expect(await broker.write(`oauth2/servers/${name}`, body), 204, "the server record");
}

async function logInByDevice({ broker, server }: Stage, record: string, credential: string): Promise<void> {
  const body = { grant_type: DEVICE_CODE, server: record, scopes: server.scopes };
  const data = expect(await broker.write(`oauth2/creds/${credential}`, body), 200, "the device request");
  await allow(String(data.verification_uri_complete ?? data.verification_uri), String(data.user_code));
  await token(broker, credential);
}

async function logInByCode({ broker, server }: Stage, record: string, credential: string): Promise<void> {
  const body = { server: record, scopes: server.scopes, name: credential };
  const { url } = expect(await broker.write("oauth2/auth-code-url", body), 200, "the link");
  const page = await allow(String(url));
  if (!page.url.startsWith(broker.callback)) throw new Error(`the login ended ${whereOf(page)}`);
  await token(broker, credential);
}

/** Waits for a token of the credential, which is not yet there or must be another than `before`. */
async function token(broker: RealBroker, credential: string, before = "", limit = LOGIN_MS): Promise<string> {
  let last: ApiAnswer | undefined;
  const found = eventually(
    "a token",
    async () => {
      last = await broker.read(`oauth2/creds/${credential}`);
      if (last.status === 400 && last.body?.data?.status !== "pending") throw new Error(told(last));
      const current = last.status === 200 ? String(last.body?.data?.access_token) : "";
      await new Promise((next) => setTimeout(next, 200));
      return current !== "" && current !== before ? current : undefined;
    },
    limit,
  );
  return found.catch((error) => {
    throw new Error(last && last.status !== 200 ? told(last) : error.message);
  });
}

async function refreshed(stage: Stage, times: number): Promise<void> {
  const { credential } = loggedIn(stage);
  for (let time = 0; time < times; time++) {
    const before = await token(stage.broker, credential);
    await token(stage.broker, credential, before, REFRESH_MS);
  }
}

async function self(stage: Stage, name: string, client: ClientFields | undefined): Promise<string> {
  if (client === undefined) throw new Error("no client was made for it");
  await record(stage, name, client);
  const { broker, server } = stage;
  const body = { server: name, scopes: server.selfScopes ?? "" };
  const written = await broker.write(`oauth2/self/${name}`, body);
  if (written.status !== 204) expect(written, 200, "the request");
  expect(await broker.read(`oauth2/self/${name}`), 200, "the read");
  return "";
}

/** The broker makes a client, somebody signs in with it, and the client goes with the record. */
async function register(stage: Stage): Promise<string> {
  const name = "registered";
  await record(stage, name, {}, { registration: "dynamic" });
  const { client_id } = expect(await stage.broker.read(`oauth2/servers/${name}`), 200, "the record");
  if (String(client_id) === "") throw new Error("no client was registered");
  await logInByCode(stage, name, name);
  await stage.broker.delete(`oauth2/creds/${name}`);
  return "a client of the broker's own, and a login with it";
}

/** Whose login it is, as a program's session is told. */
async function account(stage: Stage): Promise<string> {
  const { broker, server } = stage;
  // The page is everybody's; a client may have no device grant.
  const body = { server: loggedIn(stage).record, scopes: server.scopes, flow: "page" };
  const headers = { "x-vault-token": ROOT_TOKEN, "content-type": "application/json" };
  const answer = await fetch(`${broker.address}/sessions`, { method: "POST", headers, body: JSON.stringify(body) });
  const started = (await answer.json()) as Record<string, string>;
  if (answer.status !== 201) throw new Error(`the session: ${answer.status} ${started.error_description}`);
  await allow(started.verification_uri_complete ?? started.verification_uri ?? "", started.user_code);
  const { account: who } = await eventually(
    "the session",
    async () => {
      const authorization = `Bearer ${started.session_id}`;
      const read = await fetch(`${broker.address}/session?wait=20`, { headers: { authorization } });
      const { status, error_description: why, account } = (await read.json()) as Record<string, unknown>;
      if (status === "failed" || status === "expired") throw new Error(`the session: ${why}`);
      return status === "active" ? { account: account as { subject?: string } | undefined } : undefined;
    },
    LOGIN_MS,
  );
  if (who?.subject === undefined) throw new Error("the session does not say whose it is");
  return "";
}

async function revoke(stage: Stage): Promise<string> {
  const { broker, server } = stage;
  const { credential } = loggedIn(stage);
  const before = await token(broker, credential);
  const deleted = await broker.delete(`oauth2/creds/${credential}`);
  if (deleted.status !== 204) throw new Error(told(deleted));
  if (server.userinfo === undefined) return "accepted; this server has no way to look at the token";
  const headers = { authorization: `Bearer ${before}` };
  const { status } = await fetch(server.userinfo, { headers });
  if (status === 200) return "accepted; the access token is good until its own end";
  return "the access token has ended too";
}

function loggedIn({ login }: Stage): NonNullable<Stage["login"]> {
  if (login === undefined) throw new Error("nobody could sign in");
  return login;
}

function originOf({ options }: RealServer): string {
  return new URL(options.issuer_url ?? "").origin;
}

function expect(answer: ApiAnswer, status: number, what: string): Record<string, unknown> {
  if (answer.status !== status) throw new Error(`${what}: ${told(answer)}`);
  return answer.body?.data ?? {};
}

/** Errors of the broker hold no secret. */
function told({ status, body }: ApiAnswer): string {
  return `${status} ${[...(body?.errors ?? []), ...(body?.warnings ?? [])].join("; ")}`;
}

function whereOf({ url, html }: { readonly url: string; readonly html: string }): string {
  const text = html.replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/g, " ").replace(/\s+/g, " ");
  return `at ${url.split("?")[0]}: ${text.trim().slice(0, 160)}`;
}
