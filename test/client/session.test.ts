import assert from "node:assert/strict";
import { test } from "node:test";
import { CoatcheckError, login, operator, resume } from "../../src/client/index.ts";
import { BROKER, json, recordingFetch } from "./recording.ts";

const STARTED = {
  session_id: "the-id",
  id: "public",
  status: "pending",
  server: "demo",
  scopes: ["a"],
  user_code: "WDJB-MJHT",
  verification_uri: "https://as.example/device",
  expires_in: 600,
  interval: 5,
};
const state = (status: string, more: object = {}) =>
  json({ id: "public", status, server: "demo", scopes: ["a"], ...more });
const token = (access_token: string) => json({ access_token, token_type: "Bearer" });

test("login: shows the prompt, waits by long poll, and the session is ready", async () => {
  const { fetch, asked } = recordingFetch(json(STARTED, 201), state("pending"), state("active"));
  const prompts: unknown[] = [];
  const session = await login({
    broker: BROKER,
    fetch,
    server: "demo",
    scopes: ["a"],
    label: "a tool",
    onPrompt: (prompt) => void prompts.push(prompt),
  });
  assert.equal(session.id, "the-id");
  assert.deepEqual(prompts, [
    { userCode: "WDJB-MJHT", verificationUri: "https://as.example/device", expiresIn: 600, interval: 5 },
  ]);
  assert.deepEqual(asked[0]?.body, { server: "demo", scopes: ["a"], label: "a tool" });
  assert.deepEqual(
    asked.slice(1).map(({ url }) => url),
    [`${BROKER}/session?wait=0`, `${BROKER}/session?wait=30`],
  );
});

test("login: a refusal, a code that ran out and a failure are errors with their reason", async () => {
  for (const [answer, code] of [
    [state("denied"), "access_denied"],
    [state("expired", { reason: "expired_token", error_description: "too late" }), "expired_token"],
    [state("failed", { reason: "outcome_unknown" }), "outcome_unknown"],
  ] as const) {
    const { fetch } = recordingFetch(json(STARTED, 201), answer);
    await assert.rejects(
      login({ broker: BROKER, fetch, server: "demo", onPrompt: () => {} }),
      (error) => error instanceof CoatcheckError && error.code === code,
    );
  }
});

test("FC-68 under a status of a server no word is the caller's fault", () => {
  const mender = (code: string, status?: number) =>
    new CoatcheckError(code, "", status === undefined ? {} : { status }).fixedBy;
  assert.deepEqual([mender("invalid_request", 503), mender("not_found", 502)], ["operator", "operator"]);
  assert.deepEqual([mender("invalid_request", 400), mender("invalid_request")], ["caller", "caller"]);
  assert.deepEqual([mender("invalid_grant", 503), mender("rate_limited", 429)], ["person", "time"]);
});

test("login: a broker that is away is told about and waited for", async () => {
  const { fetch } = recordingFetch(json(STARTED, 201), new TypeError("gone"), state("active"));
  const troubles: string[] = [];
  const onTrouble = (error: CoatcheckError) => void troubles.push(error.code);
  await login({ broker: BROKER, fetch, server: "demo", onPrompt: () => {}, onTrouble });
  assert.deepEqual(troubles, ["unreachable"]);
});

test("login: an abort cancels it at the broker and throws the signal's reason", async () => {
  const stop = new AbortController();
  const { fetch, asked } = recordingFetch(json(STARTED, 201), new Response(null, { status: 204 }));
  const onPrompt = () => stop.abort(new Error("enough"));
  await assert.rejects(login({ broker: BROKER, fetch, server: "demo", onPrompt, signal: stop.signal }), /enough/);
  assert.equal(asked.at(-1)?.method, "DELETE");
});

test("fetch: sends the token, and after a 401 once more with another one", async () => {
  const { fetch, asked } = recordingFetch(
    token("t1"),
    new Response("no", { status: 401 }),
    json({ refreshed: true }),
    token("t2"),
    new Response("yes"),
  );
  const session = resume("the-id", { broker: BROKER, fetch });
  const response = await session.fetch("https://api.example/things", { method: "POST", body: '{"a":1}' });
  assert.equal(await response.text(), "yes");
  const calls = asked.filter(({ url }) => url === "https://api.example/things");
  assert.deepEqual(
    calls.map(({ headers, body }) => [headers.get("authorization"), body]),
    [
      ["Bearer t1", { a: 1 }],
      ["Bearer t2", { a: 1 }],
    ],
  );
});

test("fetch: a 401 that no other token can mend is the answer", async () => {
  const refused = new Response("no", { status: 401 });
  const { fetch } = recordingFetch(token("t1"), refused, json({ refreshed: false }), token("t1"));
  const response = await resume("the-id", { broker: BROKER, fetch }).fetch("https://api.example/things");
  assert.equal(await response.text(), "no");
});

test("fetch: API/PATH goes through the broker, which gets the session and nobody the token", async () => {
  const { fetch, asked } = recordingFetch(json({ login: "octocat" }));
  await resume("the-id", { broker: BROKER, fetch }).fetch("github/user?x=1");
  assert.equal(asked[0]?.url, `${BROKER}/session/proxy/github/user?x=1`);
  assert.equal(asked[0]?.headers.get("authorization"), "Bearer the-id");
});

test("logout: a session that is gone already is no error, a broker that is away is one", async () => {
  const gone = json({ error: "invalid_session", error_description: "no such session" }, 401);
  const { fetch } = recordingFetch(gone, new TypeError("away"));
  const session = resume("the-id", { broker: BROKER, fetch });
  await session.logout();
  await assert.rejects(session.logout(), (error) => error instanceof CoatcheckError && error.code === "unreachable");
});

test("an answer that is no JSON is said to be one, and a redirect is not followed with the session", async () => {
  const { fetch } = recordingFetch(new Response("<html>", { status: 502 }), new Response("<html>"), json({}, 403));
  const session = resume("the-id", { broker: BROKER, fetch });
  for (const code of ["unreachable", "unexpected_answer", "permission_denied"]) {
    await assert.rejects(session.status(), (error) => error instanceof CoatcheckError && error.code === code);
  }
});

test("a path that would leave the API it names is refused, and nothing is asked", async () => {
  const { fetch, asked } = recordingFetch();
  const session = resume("the-id", { broker: BROKER, fetch });
  const ways = [
    "api/../../token",
    "api/%2e%2e/%2E./token",
    "../token",
    "/../token",
    "//../../token",
    "..",
    "api\\..\\..\\token",
  ];
  for (const path of [...ways, "api/.\t./../token", "git/../github", "."]) {
    await assert.rejects(
      session.fetch(path),
      (error) => error instanceof CoatcheckError && /without \. and \.\./.test(error.message),
      path,
    );
  }
  assert.deepEqual(asked, []);
});

test("a broker that is no address, and an id that no header carries, are said by name and without the id", async () => {
  for (const broker of ["127.0.0.1:8200", "localhost:8200", "", "file:///x", undefined]) {
    assert.throws(
      () => resume("the-id", { broker } as { broker: string }),
      (error) => error instanceof CoatcheckError && error.message.includes("option broker must be"),
    );
  }
  assert.throws(() => Reflect.apply(resume, undefined, ["the-id"]), CoatcheckError);
  const { fetch, asked } = recordingFetch(json({}), json({}));
  for (const id of ["cut\nhere", " ", ""]) {
    const session = resume(id, { broker: BROKER, fetch });
    for (const use of [session.token(), session.fetch("api/x"), session.status()]) {
      await assert.rejects(
        use,
        (error) =>
          error instanceof CoatcheckError && error.code === "invalid_request" && !error.message.includes("cut"),
      );
    }
  }
  await resume("the-id\n", { broker: BROKER, fetch }).status();
  assert.equal(asked[0]?.headers.get("authorization"), "Bearer the-id");
});

test("an operator's name or path with a segment .. is refused, and nothing is asked", async () => {
  const { fetch, asked } = recordingFetch();
  const broker = operator({ broker: BROKER, token: "t", fetch });
  for (const use of [broker.read("../sessions"), broker.servers.delete("a/../../config"), broker.sessions.end("..")]) {
    await assert.rejects(use, (error) => error instanceof CoatcheckError && error.message.includes("as a segment"));
  }
  assert.deepEqual(asked, []);
});
