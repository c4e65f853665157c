import { createHash } from "node:crypto";
import { API, type Bench, DEVICE_CODE, SCOPE, type Told } from "./bench.ts";

/** What somebody does at a server of one kind, and in a few words what comes of it. */
export type Scenario = (bench: Bench) => Promise<string>;

const UNSTABLE = "/_matrix/client/unstable/org.matrix.msc2965";
const REDIRECT_URI = "http://127.0.0.1:8123/callback";
const VERIFIER = "v".repeat(43);

const got = (path: string) => async (bench: Bench) => (await bench.get(path)).said;

/** Registers with these members instead of the default ones. */
const registering = (change: Record<string, unknown>) => async (bench: Bench) => (await bench.register(change)).said;

const redirecting = (uri: string, application_type = "native") =>
  registering({ redirect_uris: [uri], application_type });

async function scopeOf(bench: Bench, login: Told): Promise<string> {
  const { device_id } = (await bench.whoami(login)).body;
  return `${login.body.scope === undefined ? "unsaid" : login.body.scope}, ${device_id ?? "no device"}`;
}

/** Asks for a scope and goes as far as it can: device endpoint, the person's page, token endpoint. */
async function askFor(bench: Bench, scope: string): Promise<string> {
  await bench.register();
  const device = await bench.device(scope);
  if (device.status !== 200) return `device: ${device.said}`;
  bench.pass(5);
  const page = bench.approve(device);
  const token = await bench.poll(device);
  if (token.status !== 200) return `page: ${page}, token: ${token.said}`;
  return scopeOf(bench, token);
}

async function authorize(bench: Bench, response_mode: string): Promise<string> {
  await bench.register();
  const challenge = createHash("sha256").update(VERIFIER).digest("base64url");
  const query = { response_type: "code", client_id: bench.clientId, redirect_uri: REDIRECT_URI, scope: SCOPE };
  const more = { state: "s", response_mode, code_challenge: challenge, code_challenge_method: "S256" };
  const told = await bench.get(`/oauth2/authorize?${new URLSearchParams({ ...query, ...more })}`);
  return told.headers.get("location") ?? told.said;
}

async function code(bench: Bench): Promise<() => Promise<Told>> {
  const { searchParams } = new URL(await authorize(bench, "query"));
  const form = { grant_type: "authorization_code", code: searchParams.get("code") ?? "", client_id: bench.clientId };
  return () => bench.post("/oauth2/token", { ...form, redirect_uri: REDIRECT_URI, code_verifier: VERIFIER });
}

/** A refresh whose answer was lost, and `seconds` later the same again. */
async function replay(bench: Bench, seconds: number, between: (lost: Told) => Promise<unknown> = async () => {}) {
  const first = await bench.login();
  const lost = await bench.refresh(first);
  await between(lost);
  bench.pass(seconds);
  return { first, lost, again: await bench.refresh(first) };
}

const relation = (lost: Told, again: Told) => {
  if (again.status !== 200) return again.said;
  const same = (member: string) => (lost.body[member] === again.body[member] ? "same" : "new");
  return `${same("access_token")} access, ${same("refresh_token")} refresh`;
};

export const SCENARIOS = {
  // Section 2 and 3
  versions: async (bench) => String((await bench.get("/_matrix/client/versions")).body.versions),
  "rung a": got("/_matrix/client/v1/auth_metadata"),
  "rung b": got(`${UNSTABLE}/auth_metadata`),
  "rung c": got(`${UNSTABLE}/auth_issuer`),
  "rung c under v1": got("/_matrix/client/v1/auth_issuer"),
  "rung d": async (bench) =>
    String("org.matrix.msc2965.authentication" in (await bench.get("/.well-known/matrix/client")).body),
  "metadata may be kept": async (bench) =>
    (await bench.get("/_matrix/client/v1/auth_metadata")).headers.get("cache-control") ?? "unsaid",
  "issuer ends in a slash": async ({ server }) => String(server.issuer.endsWith("/")),
  "account actions": async (bench) => {
    const { body } = await bench.get("/_matrix/client/v1/auth_metadata");
    const actions = (body.account_management_actions_supported as readonly string[]).join(" ");
    return actions.replaceAll("org.matrix.", ".");
  },
  "create is a prompt": async (bench) => {
    const { body } = await bench.get("/_matrix/client/v1/auth_metadata");
    return String((body.prompt_values_supported as readonly string[]).includes("create"));
  },

  // Section 5
  "default body": registering({}),
  "device grant alone": registering({
    redirect_uris: undefined,
    response_types: [],
    grant_types: ["refresh_token", DEVICE_CODE],
  }),
  "no response type": registering({ response_types: [] }),
  "client_uri over http": registering({ client_uri: "http://coatcheck.example.com/" }),
  "client_uri with user information": registering({ client_uri: "https://me@coatcheck.example.com/" }),
  "client_uri is an IP address": registering({ client_uri: "https://192.0.2.1/" }),
  "client_uri is localhost": registering({ client_uri: "https://localhost/" }),
  "client_uri is a public suffix": registering({ client_uri: "https://com/" }),
  "logo on another host": registering({ logo_uri: "https://cdn.example.org/logo.png" }),
  "logo below the host": registering({ logo_uri: "https://cdn.coatcheck.example.com/logo.png" }),
  "logo of one language on another host": registering({ "logo_uri#de": "https://cdn.example.org/logo.png" }),
  "@ in a path": registering({ policy_uri: "https://coatcheck.example.com/@us" }),
  "loopback with port": redirecting("http://127.0.0.1:8123/callback"),
  "redirect URI with fragment": redirecting("http://127.0.0.1/callback#x"),
  "private scheme": redirecting("com.example.coatcheck:/callback"),
  "private scheme without slash": redirecting("com.example.coatcheck:callback"),
  "private scheme with authority": redirecting("com.example.coatcheck://callback"),
  "private scheme of somebody else": redirecting("org.example:/callback"),
  "native, https": redirecting("https://coatcheck.example.com/callback"),
  "web, https": redirecting("https://coatcheck.example.com/callback", "web"),
  "web, another host": redirecting("https://example.org/callback", "web"),
  "web, loopback": redirecting("http://127.0.0.1/callback", "web"),
  "authentication method unnamed, then a device code": async (bench) => {
    const { status } = await bench.register({ token_endpoint_auth_method: undefined });
    return `${status}, then ${(await bench.device()).said}`;
  },
  "refresh token unnamed, then a login": async (bench) => {
    const told = await bench.register({ grant_types: ["authorization_code", DEVICE_CODE] });
    if (told.status !== 201) return told.said;
    const device = await bench.device();
    bench.pass(5);
    bench.approve(device);
    return "refresh_token" in (await bench.poll(device)).body ? "a refresh token" : "no refresh token";
  },
  "the same body twice": async (bench) => {
    const [one, two] = [await bench.register(), await bench.register()];
    return one.body.client_id === two.body.client_id ? "same id" : "new id";
  },
  "another software_version": async (bench) => {
    const one = await bench.register({ software_version: "1" });
    const two = await bench.register({ software_version: "2" });
    return one.body.client_id === two.body.client_id ? "same id" : "new id";
  },
  "alphabet of the client id": async (bench) => {
    const id = String((await bench.register()).body.client_id);
    return /^[0-9a-f]+$/.test(id) ? "hex" : /^[A-Za-z0-9_-]+$/.test(id) ? "URL-safe" : "base64";
  },

  // Section 6
  "both scopes": (bench) => askFor(bench, SCOPE),
  "unstable spelling": (bench) =>
    askFor(
      bench,
      "urn:matrix:org.matrix.msc2967.client:api:* urn:matrix:org.matrix.msc2967.client:device:ABCDEFGHIJKL",
    ),
  "mixed spelling": (bench) => askFor(bench, `urn:matrix:org.matrix.msc2967.client:api:* ${SCOPE.split(" ")[1]}`),
  "device scope first": (bench) => askFor(bench, SCOPE.split(" ").reverse().join(" ")),
  "openid beside": (bench) => askFor(bench, `openid ${SCOPE}`),
  "unknown scope beside": (bench) => askFor(bench, `${SCOPE} urn:example:other`),
  "unknown scope, approved, until the code ends": async (bench) => {
    await bench.register();
    const device = await bench.device(`${SCOPE} urn:example:other`);
    if (device.status !== 200) return device.said;
    bench.pass(5);
    const polls = [bench.approve(device), (await bench.poll(device)).said];
    bench.pass(Number(device.body.expires_in));
    return [...polls, (await bench.poll(device)).said].join(", ");
  },
  "device id of ten characters": (bench) => askFor(bench, `${API} urn:matrix:client:device:ABCDEFGHIJ`),
  "device id of nine characters": (bench) => askFor(bench, `${API} urn:matrix:client:device:ABCDEFGHI`),
  "device id of five characters": (bench) => askFor(bench, `${API} urn:matrix:client:device:ABCDE`),
  "device id of four characters": (bench) => askFor(bench, `${API} urn:matrix:client:device:ABCD`),
  "no device scope": async (bench) => (await askFor(bench, API)).replace(/[A-F0-9]{10}/g, "PICKED"),
  "a device that exists": async (bench) => {
    await bench.login();
    return askFor(bench, SCOPE);
  },

  // Section 7
  "answer of the code flow as query": async (bench) => String((await authorize(bench, "query")).includes("?code=")),
  "answer of the code flow as fragment": async (bench) =>
    String((await authorize(bench, "fragment")).includes("#code=")),
  "code after 59 seconds": async (bench) => {
    const redeem = await code(bench);
    bench.pass(59);
    return (await redeem()).said;
  },
  "code after 60 seconds": async (bench) => {
    const redeem = await code(bench);
    bench.pass(60);
    return (await redeem()).said;
  },
  "code after 600 seconds": async (bench) => {
    const redeem = await code(bench);
    bench.pass(600);
    return (await redeem()).said;
  },
  "code again after 19 seconds": (bench) => codeAgain(bench, 19),
  "code again after 21 seconds": (bench) => codeAgain(bench, 21),
  "code with another verifier": async (bench) => {
    const { searchParams } = new URL(await authorize(bench, "query"));
    const form = { grant_type: "authorization_code", code: searchParams.get("code") ?? "", client_id: bench.clientId };
    return (await bench.post("/oauth2/token", { ...form, redirect_uri: REDIRECT_URI, code_verifier: "w" })).said;
  },

  // Section 8
  "device request of an unknown client": async (bench) => (await bench.device(SCOPE, "nobody")).said,
  "life of a device code": async (bench) => String((await bench.started()).body.expires_in),
  "interval that is said": async (bench) => String((await bench.started()).body.interval ?? "unsaid"),
  "user code": async (bench) =>
    String((await bench.started()).body.user_code)
      .replace(/[A-Z]/g, "A")
      .replace(/\d/g, "A"),
  "complete URI": async (bench) => {
    const { verification_uri_complete: complete } = (await bench.started()).body;
    return complete === undefined ? "none" : String([...new URL(String(complete)).searchParams.keys()]);
  },
  "code entered in lower case": async (bench) => {
    const { body } = await bench.started();
    return bench.server.deviceCodes.approve(String(body.user_code).toLowerCase(), "alice");
  },
  "page opened eleven times": async (bench) => {
    const device = await bench.started();
    const userCode = String(device.body.user_code);
    for (let i = 0; i < 10; i++) bench.server.deviceCodes.open(userCode);
    return `page: ${bench.server.deviceCodes.open(userCode)}, token: ${(await bench.poll(device)).said}`;
  },
  "twelve codes entered, the last a minute later": async ({ server, ...bench }) => {
    const outcomes = Array.from({ length: 11 }, () => server.deviceCodes.open("NONE"));
    bench.clock.advance(60_000);
    return [outcomes[9], outcomes[10], server.deviceCodes.open("NONE")].join(", ");
  },
  "poll while pending": async (bench) => (await bench.poll(await bench.started())).said,
  "poll before its time": async (bench) => {
    const device = await bench.started();
    await bench.poll(device);
    bench.pass(4);
    return (await bench.poll(device)).said;
  },
  "poll at the old pace after slow_down": async (bench) => {
    const device = await bench.started();
    await bench.poll(device);
    bench.pass(4);
    await bench.poll(device);
    bench.pass(6);
    return (await bench.poll(device)).said;
  },
  "poll after a refusal": async (bench) => {
    const device = await bench.started();
    const page = bench.server.deviceCodes.deny(String(device.body.user_code));
    return `page: ${page}, token: ${(await bench.poll(device)).said}`;
  },
  "poll after the end": async (bench) => {
    const device = await bench.started();
    bench.pass(Number(device.body.expires_in));
    return (await bench.poll(device)).said;
  },
  "approval after the end": async (bench) => {
    const device = await bench.started();
    bench.pass(Number(device.body.expires_in));
    return `page: ${bench.approve(device)}, token: ${(await bench.poll(device)).said}`;
  },
  "poll with an unknown code": async (bench) => {
    await bench.register();
    return (await bench.poll({ body: { device_code: "guessed" } })).said;
  },
  "poll with a used code": async (bench) => {
    const device = await bench.started();
    bench.approve(device);
    await bench.poll(device);
    bench.pass(5);
    return (await bench.poll(device)).said;
  },
  "poll by another client": async (bench) => {
    const device = await bench.started();
    await bench.register({ client_name: "Other" });
    return (await bench.poll(device)).said;
  },
  "poll by an unknown client": async (bench) => (await bench.poll(await bench.started(), "nobody")).said,
  "poll by a client without the grant": async (bench) => {
    const device = await bench.started();
    await bench.register({ grant_types: ["authorization_code", "refresh_token"] });
    return (await bench.poll(device)).said;
  },
  "poll while the homeserver is down, and again": async (bench) => {
    const device = await bench.started();
    bench.approve(device);
    bench.server.situation.homeserverDown = true;
    const { said } = await bench.poll(device);
    bench.server.situation.homeserverDown = false;
    bench.pass(5);
    return `${said}, then ${(await bench.poll(device)).said}`;
  },

  // Section 9
  "refresh without client_id": async (bench) => (await bench.refreshUnnamed(await bench.login())).said,
  "refresh by another client": async (bench) => {
    const login = await bench.login();
    await bench.register({ client_name: "Other" });
    return (await bench.refresh(login)).said;
  },
  "refresh again, nothing used": async (bench) => {
    const { lost, again } = await replay(bench, 14);
    return relation(lost, again);
  },
  "refresh again after 16 seconds": async (bench) => {
    const { lost, again } = await replay(bench, 16);
    return relation(lost, again);
  },
  "refresh again, the new access token was used": async (bench) => {
    const { lost, again } = await replay(bench, 16, (told) => bench.whoami(told));
    return relation(lost, again);
  },
  "refresh again, the new refresh token was used": async (bench) => {
    const { lost, again } = await replay(bench, 16, (told) => bench.refresh(told));
    return relation(lost, again);
  },
  "the session after a late replay": async (bench) => {
    const { lost } = await replay(bench, 16, (told) => bench.whoami(told));
    return (await bench.refresh(lost)).said;
  },
  "the lost pair after a good replay": async (bench) => {
    const { lost, again } = await replay(bench, 1);
    return again.status === 200 ? (await bench.refresh(lost)).said : "no good replay";
  },
  "life of an access token": async (bench) => String((await bench.login()).body.expires_in),
  "scope in the answer to a refresh": async (bench) =>
    String((await bench.refresh(await bench.login())).body.scope ?? "unsaid"),
  "the old access token after a refresh": async (bench) => {
    const login = await bench.login();
    await bench.refresh(login);
    return (await bench.whoami(login)).said;
  },

  // Section 10 and 11
  "whoami after its time": async (bench) => {
    const login = await bench.login();
    bench.pass(Number(login.body.expires_in));
    const told = await bench.whoami(login);
    return `${told.said}, soft_logout ${told.body.soft_logout}`;
  },
  "whoami of a locked account": async (bench) => {
    const login = await bench.login();
    bench.server.situation.accountLocked = true;
    return (await bench.whoami(login)).said;
  },

  // Section 12
  "revoke the refresh token": async (bench) => {
    const login = await bench.login();
    const { said } = await bench.revoke(login.body.refresh_token);
    return `${said}, then ${(await bench.whoami(login)).said}`;
  },
  "revoke after whoami, and whoami for two minutes": async (bench) => {
    const login = await bench.login();
    await bench.whoami(login);
    await bench.revoke(login.body.refresh_token);
    const soon = (await bench.whoami(login)).status;
    bench.pass(120);
    return `${soon}, then ${(await bench.whoami(login)).status}`;
  },
  "revoke an expired access token": async (bench) => {
    const login = await bench.login();
    bench.pass(Number(login.body.expires_in));
    const { said } = await bench.revoke(login.body.access_token, "access_token");
    return `${said}, then ${(await bench.refresh(login)).said}`;
  },
  "revoke under the wrong hint": async (bench) => {
    const login = await bench.login();
    const { said } = await bench.revoke(login.body.refresh_token, "access_token");
    return `${said}, then ${(await bench.refresh(login)).said}`;
  },
  "revoke as another client": async (bench) => {
    const login = await bench.login();
    return (await bench.revoke(login.body.refresh_token, "refresh_token", "other")).said;
  },
  "revoke an unknown token": async (bench) => {
    await bench.register();
    return (await bench.revoke("guessed")).said;
  },
  "log out the old way": got("/_matrix/client/v3/logout"),
} as const satisfies Readonly<Record<string, Scenario>>;

async function codeAgain(bench: Bench, seconds: number): Promise<string> {
  const redeem = await code(bench);
  const first = await redeem();
  bench.pass(seconds);
  return `${(await redeem()).said}, then ${(await bench.refresh(first)).said}`;
}
