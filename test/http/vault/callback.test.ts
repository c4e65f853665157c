import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import { start } from "../start.ts";

const COME_BACK = "/v1/oauth2/callback?code=c0de&state=";

test("BCP-11 the browser is sent away from the code at once, without a token, to a page that does not hold it", async (t) => {
  const { app } = start(t);
  const answer = await app.inject({ url: `${COME_BACK}good` });
  assert.equal(answer.statusCode, 303);
  assert.equal(answer.headers.location, "/v1/oauth2/callback/done");
  assert.equal(answer.headers["cache-control"], "no-store");
  assert.equal(answer.headers["referrer-policy"], "no-referrer");
  assert.equal(answer.body, "");
  assert.doesNotMatch(JSON.stringify(answer.headers), /c0de/);
});

test("BCP-11, B01, B05 the page says what happened, encoded, with no script and nothing from elsewhere", async (t) => {
  const { app } = start(t);
  const answer = await app.inject({ url: `${COME_BACK}bad` });
  assert.equal(answer.headers.location, "/v1/oauth2/callback/failed");
  const [cookie = ""] = String(answer.headers["set-cookie"]).split(";");
  const page = await app.inject({ url: String(answer.headers.location), headers: { cookie } });
  assert.equal(page.statusCode, 200);
  assert.match(page.body, /You refused &lt;b&gt;it&lt;\/b&gt;\./);
  assert.doesNotMatch(page.body, /<script|https?:\/\/|c0de/);
  assert.equal(page.headers["cache-control"], "no-store");
  assert.equal(page.headers["referrer-policy"], "no-referrer");
  const policy = String(page.headers["content-security-policy"]);
  const style = /<style>([\s\S]*)<\/style>/.exec(page.body)?.[1] ?? "";
  assert.match(policy, /^default-src 'none'; /);
  assert.ok(policy.includes(`'sha256-${createHash("sha256").update(style).digest("base64")}'`));
});

test("MX-C2 B01 B02 without a query comes the page that reads what is behind the address: its own script, a form to itself", async (t) => {
  const { app } = start(t);
  const page = await app.inject({ url: "/v1/oauth2/callback" });
  assert.equal(page.statusCode, 200);
  assert.equal(page.headers["cache-control"], "no-store");
  const policy = String(page.headers["content-security-policy"]);
  const script = /<script>([\s\S]*)<\/script>/.exec(page.body)?.[1] ?? "";
  assert.ok(policy.includes(`script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`));
  assert.match(policy, /^default-src 'none'; .*form-action 'self'/);
  assert.doesNotMatch(page.body, /https?:\/\//);
  const post = (payload: string) =>
    app.inject({
      method: "POST",
      url: "/v1/oauth2/callback",
      payload,
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
  const posted = await post(new URLSearchParams({ answer: "code=c0de&state=good" }).toString());
  assert.equal(posted.headers.location, "/v1/oauth2/callback/done");
  for (const payload of ["", "code=c0de&state=good", "answer="])
    assert.equal((await post(payload)).statusCode, 400, payload);
});

test("the page without the browser's own result tells the outcome in general", async (t) => {
  const { app } = start(t);
  for (const cookie of ["", "coatcheck_login_result=%%%", "other=1"]) {
    const page = await app.inject({ url: "/v1/oauth2/callback/done", headers: { cookie } });
    assert.match(page.body, /<h1>You are signed in<\/h1>/);
  }
});

test("the result of one login does not stand on the page of another outcome", async (t) => {
  const { app } = start(t);
  const answer = await app.inject({ url: `${COME_BACK}good` });
  const [cookie = ""] = String(answer.headers["set-cookie"]).split(";");
  const page = await app.inject({ url: "/v1/oauth2/callback/failed", headers: { cookie } });
  assert.doesNotMatch(page.body, /Stored\./);
  assert.match(page.body, /Nothing was stored\./);
});

test("S15 nothing in the query changes the page or where it leads", async (t) => {
  const { app } = start(t);
  const plain = await app.inject({ url: "/v1/oauth2/callback/failed" });
  const asked = await app.inject({ url: "/v1/oauth2/callback/failed?text=<b>&next=https://evil.example" });
  assert.equal(asked.body, plain.body);
});

test("OA-16 an unknown link is a 400 page with the reason, encoded", async (t) => {
  const { app } = start(t);
  const answer = await app.inject({ url: "/v1/oauth2/callback?state=x&code=c0de" });
  assert.equal(answer.statusCode, 400);
  assert.match(String(answer.headers["content-type"]), /^text\/html/);
  assert.match(answer.body, /Unknown &lt;link&gt;\./);
  assert.doesNotMatch(answer.body, /c0de/);
});

test("an exception during the login is a page with a number, and a log line without its message", async (t) => {
  const { app, lines } = start(t);
  const answer = await app.inject({ url: "/v1/oauth2/callback?state=broken" });
  assert.equal(answer.statusCode, 500);
  assert.doesNotMatch(answer.body + JSON.stringify(lines), /secret-in-a-message/);
  const logged = lines.find(({ event }) => event === "callback_failed");
  const { requestId = "none" } = (logged?.fields ?? {}) as { requestId?: string };
  assert.ok(answer.body.includes(requestId));
});
