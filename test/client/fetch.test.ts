import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { scopesWanted } from "../../src/client/challenge.ts";
import { CoatcheckError, resume, type SessionOptions, StepUpError } from "../../src/client/index.ts";
import { type ApiServer, startApi, textOf } from "../servers/api-server.ts";
import { beginActive, startSessions } from "../support/sessions.ts";
import { BROKER, json, recordingFetch } from "./recording.ts";

/** A signed-in program, and an API that remembers what it was sent. */
async function signedIn(t: TestContext, options: Partial<SessionOptions> = {}) {
  const pair = await startSessions(t);
  const { secret } = await beginActive(pair);
  const api = await startApi(t);
  return { pair, api, session: resume(secret, { broker: pair.running.address, ...options }) };
}

const bearers = ({ seen }: ApiServer) => seen.map(({ headers }) => headers.authorization);

test("fetch: calls that get a 401 at once are one refresh, and each is sent again with the new token", async (t) => {
  const { pair, api, session } = await signedIn(t);
  const first = `Bearer ${await session.token()}`;
  api.handle = async (request, response, one) => {
    one.body = await textOf(request);
    response.writeHead(one.headers.authorization === first ? 401 : 200).end(one.body);
  };
  const bodies: readonly NonNullable<RequestInit["body"]>[] = [
    "text",
    new URLSearchParams({ a: "b" }),
    new Blob(["blob"]),
    new TextEncoder().encode("bytes"),
  ];
  const answers = await Promise.all(bodies.map((body) => session.fetch(api.url, { method: "POST", body })));
  assert.deepEqual(await Promise.all(answers.map((one) => one.text())), ["text", "a=b", "blob", "bytes"]);
  const asRequest = await session.fetch(
    new Request(`${api.url}/x`, { method: "PUT", body: "whole", headers: { a: "1" } }),
  );
  assert.deepEqual(
    [await asRequest.text(), api.seen.at(-1)?.method, api.seen.at(-1)?.headers.a],
    ["whole", "PUT", "1"],
  );
  assert.equal(new Set(bearers(api)).size, 2);
  assert.equal(pair.as.requests.filter(({ form }) => form.get("grant_type") === "refresh_token").length, 1);
});

test("fetch: a stream is sent once; its 401 is the answer, and the next call has another token", async (t) => {
  const { api, session } = await signedIn(t);
  const first = `Bearer ${await session.token()}`;
  api.handle = async (request, response, one) => {
    one.body = await textOf(request);
    response.writeHead(one.headers.authorization === first ? 401 : 200).end();
  };
  const stream = () =>
    new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode("once"));
        controller.close();
      },
    });
  const init = () => ({ method: "POST", body: stream(), duplex: "half" }) as RequestInit;
  assert.equal((await session.fetch(api.url, init())).status, 401);
  assert.equal((await session.fetch(api.url, init())).status, 200);
  assert.deepEqual(
    api.seen.map(({ body }) => body),
    ["once", "once"],
  );
});

test("fetch: an answer is read as it comes, and an abort ends it", async (t) => {
  const { api, session } = await signedIn(t);
  const closed = Promise.withResolvers<void>();
  api.handle = (_request, response) => {
    response.on("close", closed.resolve);
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
  };
  const stop = new AbortController();
  const response = await session.fetch(api.url, { signal: stop.signal });
  const reader = response.body?.getReader();
  assert.equal(new TextDecoder().decode((await reader?.read())?.value), "data: 1\n\n");
  stop.abort(new Error("enough"));
  await assert.rejects(async () => reader?.read(), /enough/);
  await closed.promise;
});

test("fetch: a redirect keeps the token at its origin and takes it to no other, and changes methods as fetch does", async (t) => {
  const { pair, api, session } = await signedIn(t);
  const other = await startApi(t);
  other.handle = (_request, response) => void response.writeHead(401).end("theirs");
  api.handle = async (request, response, one) => {
    one.body = await textOf(request);
    const [, status = "200", to = "/"] = /^\/(\d+)(.*)$/.exec(one.target) ?? [];
    response.writeHead(Number(status), { location: to.startsWith("/away") ? `${other.url}/x` : to }).end();
  };
  const post = { method: "POST", body: "b", headers: { "content-type": "text/plain", cookie: "c" } };
  assert.equal((await session.fetch(`${api.url}/307/200`, post)).status, 200);
  assert.deepEqual(
    api.seen.map(({ method, body }) => [method, body]),
    [
      ["POST", "b"],
      ["POST", "b"],
    ],
  );
  assert.equal(new Set(bearers(api)).size, 1);
  await session.fetch(`${api.url}/303/200`, post);
  const { method, body, headers } = api.seen.at(-1) ?? {};
  assert.deepEqual([method, body, headers?.["content-type"]], ["GET", "", undefined]);
  const away = await session.fetch(`${api.url}/308/away`, post);
  assert.deepEqual([away.status, await away.text()], [401, "theirs"]);
  const [there, ...more] = other.seen;
  assert.deepEqual(
    [there?.method, there?.headers.authorization, there?.headers.cookie, more.length],
    ["POST", undefined, undefined, 0],
  );
  assert.equal(
    pair.as.requests.filter(({ form }) => form.get("grant_type") === "refresh_token").length,
    0,
    "no refusal of ours",
  );
  assert.equal((await session.fetch(`${api.url}/302/away`, { redirect: "manual" })).status, 302);
  api.handle = (_request, response) => void response.writeHead(302, { location: "/" }).end();
  assert.equal((await session.fetch(api.url)).status, 302);
});

test("fetch: origins that were not named get nothing", async (t) => {
  const { api, session } = await signedIn(t, { origins: ["https://mcp.example.com/mcp"] });
  await assert.rejects(session.fetch(`${api.url}/x`), {
    code: "invalid_request",
    message: `this session's token is not for ${api.url}: name it in the option origins`,
  });
  assert.deepEqual(api.seen, []);
});

const token = (access_token: string) => json({ access_token, token_type: "Bearer" });
const wanting = (scope: string) =>
  new Response("no", {
    status: 403,
    headers: { "www-authenticate": `Bearer error="insufficient_scope", scope="${scope}"` },
  });
const waiting = { id: "i", status: "active", server: "s", scopes: ["a"] };
const login = {
  status: "pending",
  scopes: ["a", "b"],
  user_code: "WDJB-MJHT",
  verification_uri: "https://as/d",
  expires_in: 60,
  interval: 1,
};

test("fetch: insufficient_scope is an error with code and address, and after the approval the same call goes through", async () => {
  const { fetch, asked } = recordingFetch(
    ...[token("t1"), wanting("b c"), token("t1"), json({ ...waiting, login })],
    ...[json({ ...waiting, login }), json(waiting), token("t2"), new Response("yes")],
  );
  const session = resume("the-id", { broker: BROKER, fetch });
  const error = await session.fetch("https://api.example/x").catch((failure: unknown) => failure);
  assert.ok(error instanceof StepUpError && error instanceof CoatcheckError);
  assert.deepEqual(
    [error.code, error.fixedBy, error.status, error.scopes],
    ["insufficient_scope", "person", 403, ["b", "c"]],
  );
  assert.deepEqual([error.prompt?.userCode, error.prompt?.verificationUri], ["WDJB-MJHT", "https://as/d"]);
  assert.deepEqual([asked[3]?.url, asked[3]?.body], [`${BROKER}/session/login`, { scopes: ["b", "c"] }]);
  await error.ready();
  assert.equal(await (await session.fetch("https://api.example/x")).text(), "yes");
  assert.equal(asked.at(-1)?.headers.get("authorization"), "Bearer t2");
});

test("fetch: a step-up at a real broker: one login for all who need it, and the old token until it is approved", async (t) => {
  const { pair, api, session } = await signedIn(t);
  const first = `Bearer ${await session.token()}`;
  api.handle = (_request, response, { headers, target }) => {
    const isRefused = target === "/more" && headers.authorization === first;
    response
      .writeHead(isRefused ? 403 : 200, { "www-authenticate": 'Bearer error="insufficient_scope", scope="more"' })
      .end();
  };
  const call = () => session.fetch(`${api.url}/more`);
  const errors = await Promise.all([1, 2, 3].map(() => call().catch((failure: unknown) => failure)));
  const codes = errors.map((error) => error instanceof StepUpError && error.prompt?.userCode);
  assert.match(String(codes[0]), /^USER-\d+$/);
  assert.equal(new Set(codes).size, 1);
  assert.equal((await session.fetch(`${api.url}/less`)).status, 200);
  assert.equal(api.seen.at(-1)?.headers.authorization, first);
  pair.as.tokens.approved = true;
  await pair.pass(6_000);
  const [error] = errors;
  assert.equal((await (error as StepUpError).ready()).status, "active");
  assert.equal((await call()).status, 200);
});

test("fetch: insufficient_scope, and somebody has signed in for more meanwhile: sent again, and nobody is asked", async () => {
  const { fetch, asked } = recordingFetch(token("t1"), wanting("b"), token("t2"), new Response("yes"));
  const response = await resume("the-id", { broker: BROKER, fetch }).fetch("https://api.example/x", {
    method: "POST",
    body: "{}",
  });
  assert.equal(await response.text(), "yes");
  assert.deepEqual(
    asked.map(({ method }) => method),
    ["GET", "POST", "GET", "POST"],
  );
});

test("fetch: a login that cannot be begun, one that is denied, and a 403 that asks for no scope", async () => {
  const gone = json({ error: "not_found", error_description: "unknown path" }, 404);
  const denied = json({ ...waiting, login: { ...login, status: "denied" } });
  const { fetch } = recordingFetch(
    ...[token("t1"), wanting("b"), token("t1"), gone],
    ...[wanting("b"), token("t1"), json({ ...waiting, login }), denied],
    new Response("never", { status: 403, headers: { "www-authenticate": "Bearer" } }),
  );
  const session = resume("the-id", { broker: BROKER, fetch });
  const one = await session.fetch("https://api.example/x").catch((failure: unknown) => failure);
  assert.ok(one instanceof StepUpError && one.prompt === undefined);
  assert.equal((one.cause as CoatcheckError).code, "not_found");
  await assert.rejects(one.ready(), one);
  const two = await session.fetch("https://api.example/x").catch((failure: unknown) => failure);
  assert.ok(two instanceof StepUpError);
  await assert.rejects(two.ready(), { code: "access_denied" });
  const last = await session.fetch("https://api.example/x");
  assert.deepEqual([last.status, await last.text()], [403, "never"]);
});

test("fetch: scopes of a challenge, among others, in any form that RFC 9110 has", () => {
  for (const [header, scopes] of [
    ['Bearer realm="x", error="insufficient_scope", scope="a b"', ["a", "b"]],
    ["bearer error=insufficient_scope,scope=a", ["a"]],
    ['Basic realm="a, Bearer error=insufficient_scope", Bearer scope="a", error="insufficient_scope"', ["a"]],
    ['Bearer error="insufficient_scope"', []],
    ['Bearer error="insufficient_scope", scope="a \\"b\\" c\u0001d"', ["a"]],
    ['Bearer error="insufficient_scope", scope="a", DPoP error="x", scope="y"', ["a"]],
    ['Bearer error="invalid_token", scope="a"', undefined],
    ['DPoP error="insufficient_scope", scope="a"', undefined],
    ["Negotiate dG9rZW42OA==", undefined],
    [`Bearer error="insufficient_scope", scope="${"a ".repeat(5_000)}"`, undefined],
    [null, undefined],
  ] as const) {
    assert.deepEqual(scopesWanted(header), scopes, String(header));
  }
});
