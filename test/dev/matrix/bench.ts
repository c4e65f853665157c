import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Profile } from "../../../src/dev/matrix/profile.ts";
import { type QuirkServer, type QuirkServerOptions, quirkServer } from "../../servers/matrix/quirk-server.ts";
import { FakeClock } from "../../support/fake-clock.ts";

export type Members = Readonly<Record<string, unknown>>;

/** An answer, with its outcome in a few words: `403 authorization_pending`, `200`. */
export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Members;
  readonly said: string;
}

export const DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code";
export const API = "urn:matrix:client:api:*";
export const SCOPE = `${API} urn:matrix:client:device:ABCDEFGHIJKL`;

/** matrix.md section 5. */
export const REGISTRATION: Members = {
  client_name: "Coatcheck",
  client_uri: "https://coatcheck.example.com/",
  application_type: "native",
  redirect_uris: ["http://127.0.0.1/callback", "http://[::1]/callback"],
  response_types: ["code"],
  grant_types: ["authorization_code", "refresh_token", DEVICE_CODE],
  token_endpoint_auth_method: "none",
};

/** One server of a kind, a clock, and a client that only says what it is told to say. */
export class Bench {
  readonly server: QuirkServer;
  readonly clock: FakeClock;
  #clientId = "";

  constructor(server: QuirkServer, clock: FakeClock) {
    this.server = server;
    this.clock = clock;
  }

  get clientId(): string {
    return this.#clientId;
  }

  pass(seconds: number): void {
    this.clock.advance(seconds * 1000);
  }

  get(path: string, init: RequestInit = {}): Promise<Told> {
    return ask(this.server.baseUrl + path, init);
  }

  post(path: string, form: Readonly<Record<string, string | undefined>>): Promise<Told> {
    const given = Object.entries(form).filter((pair): pair is [string, string] => pair[1] !== undefined);
    return this.get(path, { method: "POST", body: new URLSearchParams(given) });
  }

  async register(change: Members = {}, headers: Readonly<Record<string, string>> = {}): Promise<Told> {
    const told = await this.get("/oauth2/registration", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ ...REGISTRATION, ...change }),
    });
    if (told.status === 201) this.#clientId = String(told.body.client_id);
    return told;
  }

  device(scope = SCOPE, client_id = this.#clientId): Promise<Told> {
    return this.post("/oauth2/device", { client_id, scope });
  }

  poll({ body }: Pick<Told, "body">, client_id = this.#clientId): Promise<Told> {
    return this.post("/oauth2/token", { grant_type: DEVICE_CODE, device_code: String(body.device_code), client_id });
  }

  /** A registered client's device code that nobody has entered. */
  async started(scope = SCOPE): Promise<Told> {
    assert.equal((await this.register()).status, 201);
    const device = await this.device(scope);
    assert.equal(device.status, 200, device.said);
    this.pass(5);
    return device;
  }

  approve({ body }: Told, person = "alice"): string {
    return this.server.deviceCodes.approve(String(body.user_code), person);
  }

  /** A whole login; its token answer. */
  async login(scope = SCOPE): Promise<Told> {
    const device = await this.started(scope);
    assert.equal(this.approve(device), "done");
    return this.poll(device);
  }

  refresh({ body }: Told, client_id: string | undefined = this.#clientId): Promise<Told> {
    return this.post("/oauth2/token", {
      grant_type: "refresh_token",
      refresh_token: String(body.refresh_token),
      client_id,
    });
  }

  /** A refresh that does not say who asks. */
  refreshUnnamed({ body }: Told): Promise<Told> {
    return this.post("/oauth2/token", { grant_type: "refresh_token", refresh_token: String(body.refresh_token) });
  }

  whoami({ body }: Told): Promise<Told> {
    const headers = { authorization: `Bearer ${body.access_token}` };
    return this.get("/_matrix/client/v3/account/whoami", { headers });
  }

  revoke(token: unknown, hint = "refresh_token", client_id = this.#clientId): Promise<Told> {
    return this.post("/oauth2/revoke", { token: String(token), token_type_hint: hint, client_id });
  }
}

export async function bench(t: TestContext, profile: Profile, options: QuirkServerOptions = {}): Promise<Bench> {
  const clock = new FakeClock();
  return new Bench(await quirkServer(t, profile, { now: () => clock.now(), ...options }), clock);
}

async function ask(url: string, init: RequestInit): Promise<Told> {
  const response = await fetch(url, { redirect: "manual", ...init });
  const body = (await response.json()) as Members;
  const { status, headers } = response;
  return { status, headers, body, said: [status, body.errcode ?? body.error].filter(Boolean).join(" ") };
}
