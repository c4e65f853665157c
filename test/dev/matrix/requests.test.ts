import assert from "node:assert/strict";
import { type } from "node:os";
import { type TestContext, test } from "node:test";
import { PROFILES } from "../../../src/dev/matrix/profiles.ts";
import { VERSION } from "../../../src/process/version.ts";
import type { QuirkServer } from "../../servers/matrix/quirk-server.ts";
import type { RecordedRequest } from "../../servers/misbehaving.ts";
import { sdkClient, sdkMetadata } from "../../support/matrix/matrix-js-sdk.ts";
import { startProfile } from "../../support/matrix/profile-pair.ts";
import { bench } from "./bench.ts";

/** Kind of request → its method, headers and members, with secrets replaced by their names. */
type Requests = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Difference {
  readonly request: string;
  readonly member: string;
  readonly sdk: string | undefined;
  readonly ours: string | undefined;
}

const REDIRECT_URI = "https://coatcheck.example.com/v1/oauth2/callback";

/** BCP-04: our callback is of one issuer alone. */
const OWN_END = /(?<=\/callback)\/[\w-]{22}/g;

const DEVICE_FORMS = ["device authorization", "token, device_code"];
const FORMS = [...DEVICE_FORMS, "token, authorization_code", "token, refresh_token", "revocation"];
const POSTS = ["registration", ...FORMS];

/** Everything in which our requests are not those of matrix-js-sdk 43. */
const DIFFERENCES: readonly (Omit<Difference, "request"> & {
  readonly requests: readonly string[];
  readonly why: string;
})[] = [
  {
    requests: ["registration", "revocation"],
    member: "header user-agent",
    sdk: "node",
    ours: `Coatcheck/${VERSION}`,
    why: "MX-G1: some servers show it to the person, so it names the program",
  },
  {
    requests: FORMS.filter((request) => request !== "revocation"),
    member: "header user-agent",
    sdk: "node",
    ours: `Coatcheck/${VERSION} (bot; ${type()})`,
    why: "FC-80: the device is named from it",
  },
  {
    requests: POSTS,
    member: "header accept-encoding",
    sdk: "gzip, deflate",
    ours: "identity",
    why: "an answer's size is limited as it arrives, and a compressed one hides its own",
  },
  {
    requests: POSTS,
    member: "header accept-language",
    sdk: "*",
    ours: undefined,
    why: "errors are told by their codes, in the broker's own words",
  },
  {
    requests: POSTS,
    member: "header sec-fetch-mode",
    sdk: "cors",
    ours: undefined,
    why: "a page's header; the broker is none",
  },
  {
    requests: DEVICE_FORMS,
    member: "header accept",
    sdk: "*/*",
    ours: "application/json",
    why: "RFC 8628 answers are JSON, and some servers send a form otherwise",
  },
];

const KINDS: Readonly<Record<string, string>> = {
  "/oauth2/registration": "registration",
  "/oauth2/authorize": "authorization",
  "/oauth2/device": "device authorization",
  "/oauth2/revoke": "revocation",
};

const SECRETS: ReadonlySet<string> = new Set([
  "client_id",
  "code",
  "code_challenge",
  "code_verifier",
  "device_code",
  "refresh_token",
  "state",
  "token",
]);

/** Of the connection, not of the request. */
const HOP: ReadonlySet<string> = new Set(["host", "connection", "content-length", "transfer-encoding"]);

function kindOf({ path, form }: RecordedRequest): string {
  return KINDS[path] ?? `token, ${form.get("grant_type")?.split(":").at(-1)}`;
}

function membersOf({ method, target, body, form, headers }: RecordedRequest): Readonly<Record<string, unknown>> {
  if (headers["content-type"]?.startsWith("application/json")) return JSON.parse(body);
  const parameters = method === "GET" ? new URL(target, "http://homeserver.invalid").searchParams : form;
  const shown = (name: string, value: string) =>
    SECRETS.has(name) ? `<${name}>` : value.replace(/device:\S+/, "device:<device>");
  return Object.fromEntries([...parameters].map(([name, value]) => [name, shown(name, value)]));
}

function sent({ requests }: QuirkServer): Requests {
  const asked = requests.filter(({ path }) => path.startsWith("/oauth2/"));
  return Object.fromEntries(
    asked.map((request) => {
      const { method } = request;
      // A browser sends the other one.
      const headers = method === "GET" ? [] : Object.entries(request.headers).filter(([name]) => !HOP.has(name));
      const named = Object.fromEntries(headers.map(([name, value]) => [`header ${name}`, value]));
      return [kindOf(request), { method, ...named, ...membersOf(request) }];
    }),
  );
}

/** What a person at a browser does: opens the link, and is sent back with a code. */
async function browse(url: string): Promise<URL> {
  const { headers } = await fetch(url, { redirect: "manual" });
  return new URL(headers.get("location") ?? assert.fail("not sent back"));
}

async function sdkByDevice(t: TestContext): Promise<Requests> {
  const { server, clock } = await bench(t, PROFILES.spec);
  const client = await sdkClient(await sdkMetadata(server.baseUrl), "SDKDEVICE0001");
  const session = await client.startDeviceAuthorizationGrant();
  server.deviceCodes.approve(session.user_code, "alice");
  clock.advance(5_000);
  const login = await client.waitForDeviceAuthorizationGrant(session);
  assert.ok("access_token" in login);
  const { refresh_token: token } = await client.performRefreshTokenGrant(login.refresh_token ?? "");
  await client.revokeToken(token ?? "", "refresh_token");
  return sent(server);
}

async function oursByDevice(t: TestContext): Promise<Requests> {
  const pair = await startProfile(t, PROFILES.spec);
  assert.equal((await pair.loggedIn()).status, 200);
  await pair.pass(PROFILES.spec.refresh.accessLife * 1000);
  await pair.delete("oauth2/creds/bot");
  await pair.pass(2_000);
  return sent(pair.homeserver);
}

async function sdkByCode(t: TestContext): Promise<Requests> {
  const { server } = await bench(t, PROFILES.spec);
  const client = await sdkClient(await sdkMetadata(server.baseUrl), "SDKDEVICE0001", REDIRECT_URI);
  const back = await browse(await client.generateAuthorizationCodeGrantUrl("state", REDIRECT_URI));
  const code = new URLSearchParams(back.hash.slice(1)).get("code") ?? "";
  await client.completeAuthorizationCodeGrant(code, REDIRECT_URI);
  return sent(server);
}

async function oursByCode(t: TestContext): Promise<Requests> {
  const pair = await startProfile(t, PROFILES.spec);
  const link = await pair.write("oauth2/auth-code-url", { server: "mx", name: "bot" });
  const back = await browse(String(link.body?.data?.url));
  await fetch(`${pair.running.address}${back.pathname}?${back.hash.slice(1)}`);
  assert.equal((await pair.read("oauth2/creds/bot")).status, 200);
  return sent(pair.homeserver);
}

function differences(sdk: Requests, ours: Requests): readonly Difference[] {
  assert.deepEqual(Object.keys(ours), Object.keys(sdk), "the same requests in the same order");
  return Object.entries(sdk).flatMap(([request, theirs]) => {
    const own = ours[request] ?? {};
    const members = [...new Set([...Object.keys(theirs), ...Object.keys(own)])];
    const written = (value: unknown) =>
      typeof value === "object" ? JSON.stringify(value) : (value as string | undefined);
    const text = (value: unknown) => written(value)?.replaceAll(OWN_END, "");
    return members
      .map((member) => ({ request, member, sdk: text(theirs[member]), ours: text(own[member]) }))
      .filter((one) => one.sdk !== one.ours);
  });
}

/** The listed differences of the requests that were sent. */
function listed(requests: Requests): readonly Difference[] {
  return DIFFERENCES.flatMap(({ requests: which, member, sdk, ours }) =>
    which.filter((request) => request in requests).map((request) => ({ request, member, sdk, ours })),
  );
}

const sorted = (all: readonly Difference[]) => all.map((one) => JSON.stringify(one)).sort();

for (const [flow, theirs, own] of [
  ["device code, refresh and revocation", sdkByDevice, oursByDevice],
  ["authorization code", sdkByCode, oursByCode],
] as const) {
  test(`section 16: by ${flow}, our requests are those of matrix-js-sdk but for what is listed with its reason`, async (t) => {
    const [sdk, ours] = [await theirs(t), await own(t)];
    assert.deepEqual(sorted(differences(sdk, ours)), sorted(listed(sdk)));
  });
}
