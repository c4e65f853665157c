import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { CoatcheckError, resume } from "../../src/client/index.ts";
import { BROKER, json, recordingFetch } from "./recording.ts";

const answer = (token: string, expires_in?: number) =>
  json({ access_token: token, token_type: "Bearer", scope: "a b", ...(expires_in !== undefined && { expires_in }) });

function session(...replies: Parameters<typeof recordingFetch>) {
  const { fetch, asked } = recordingFetch(...replies);
  return { session: resume("the-id", { broker: BROKER, fetch }), asked };
}

test("a token is asked for below the broker's address, with the session as bearer", async () => {
  const { session: held, asked } = session(answer("t1", 3_600));
  assert.deepEqual(await held.tokenDetails({ minValid: 90 }), {
    accessToken: "t1",
    tokenType: "Bearer",
    expiresIn: 3_599,
    scopes: ["a", "b"],
  });
  assert.equal(asked[0]?.url, `${BROKER}/session/token?min_valid=90`);
  assert.equal(asked[0]?.headers.get("authorization"), "Bearer the-id");
});

test("a token is kept until near its expiry, and one without expiry for good", async () => {
  const { session: held, asked } = session(answer("t1", 120), answer("t2", 59), answer("t3"));
  assert.equal(await held.token(), "t1");
  assert.equal(await held.token({ minValid: 60 }), "t1");
  assert.equal(await held.token({ minValid: 600 }), "t2", "it does not last that long");
  assert.equal(await held.token({ minValid: 59 }), "t3", "59 s and no more");
  assert.equal(await held.token({ minValid: 1e6 }), "t3");
  assert.equal(asked.length, 3);
});

test("who asks at the same time shares one request, and one who leaves does not end it", async () => {
  const { session: held, asked } = session(() => Promise.resolve(answer("t1", 3_600)));
  const leaving = new AbortController();
  const [left, one, two] = [held.token({ signal: leaving.signal }), held.token(), held.token()];
  leaving.abort(new Error("left"));
  await assert.rejects(left, /left/);
  assert.deepEqual([await one, await two, asked.length], ["t1", "t1", 1]);
});

test("an id_token is asked for when it is wanted, and one that was kept must live long enough itself", async () => {
  const id = (id_token: string, id_token_expires_in: number) =>
    json({ access_token: "t", token_type: "Bearer", expires_in: 3_600, id_token, id_token_expires_in });
  const { session: held, asked } = session(answer("t", 3_600), id("one", 300), id("two", 299));
  assert.equal((await held.tokenDetails()).idToken, undefined);
  const first = await held.tokenDetails({ idToken: true });
  assert.deepEqual([first.idToken, first.idTokenExpiresIn], ["one", 299]);
  assert.equal((await held.tokenDetails({ idToken: true, minValid: 200 })).idToken, "one");
  assert.equal((await held.tokenDetails({ idToken: true, minValid: 600 })).idToken, "two");
  assert.equal(await held.token({ minValid: 600 }), "t");
  const queries = asked.map(({ url }) => new URL(url).search);
  assert.deepEqual(queries, ["", "?id_token=true", "?min_valid=600&id_token=true"]);
});

test("a failure is not kept, and says who can mend it", async () => {
  const dead = json({ error: "invalid_grant", error_description: "the grant is dead" }, 400);
  const pending = json({ error: "authorization_pending", error_description: "wait" }, 503, { "retry-after": "5" });
  const { session: held } = session(dead, pending, answer("t1"));
  await assert.rejects(
    held.token(),
    (error) => error instanceof CoatcheckError && error.code === "invalid_grant" && error.fixedBy === "person",
  );
  await assert.rejects(
    held.token(),
    (error) => error instanceof CoatcheckError && error.code === "authorization_pending" && error.retryAfter === 5,
  );
  assert.equal(await held.token(), "t1");
});

test("a refresh under way is waited for", async () => {
  const busy = json({ error: "refresh_in_progress", error_description: "soon" }, 503, { "retry-after": "0" });
  const { session: held, asked } = session(busy, answer("t1"));
  assert.equal(await held.token(), "t1");
  assert.equal(asked.length, 2);
});

test("a refused token is reported by its hash, and not handed out again", async () => {
  const { session: held, asked } = session(answer("t1"), json({ refreshed: true }), answer("t2"));
  await held.rejected(await held.token());
  assert.deepEqual(asked[1]?.body, { token_sha256: createHash("sha256").update("t1").digest("hex") });
  assert.equal(await held.token(), "t2");
});

test("after a logout there is no token any more, and nobody is asked; a logout that failed changes nothing", async () => {
  const gone = new Response(null, { status: 204 });
  const { session: held, asked } = session(answer("t1", 3_600), new TypeError("away"), gone);
  await held.token();
  await assert.rejects(held.logout(), { code: "unreachable" });
  assert.equal(await held.token(), "t1");
  await held.logout();
  await assert.rejects(held.token(), { name: "CoatcheckError", code: "invalid_session", fixedBy: "person" });
  assert.equal(asked.length, 3);
});

test("a token that arrives after the logout is nobody's", async () => {
  const late = Promise.withResolvers<Response>();
  const { session: held } = session(() => late.promise, new Response(null, { status: 204 }));
  const underWay = held.token();
  await held.logout();
  late.resolve(answer("t1"));
  await assert.rejects(underWay, { code: "invalid_session" });
});
