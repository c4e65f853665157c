import assert from "node:assert/strict";
import test from "node:test";
import { demoSteps, pageSteps } from "../../../src/cli/serve/demo-guide.ts";
import { VERSION } from "../../../src/process/version.ts";
import { start } from "../start.ts";

/** What a browser sends when somebody opens an address. */
const BROWSER = { accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };

/** What programs send: nothing, anything, JSON. */
const PROGRAMS = [{}, { accept: "*/*" }, { accept: "application/json, text/plain, */*" }];

test("/ is a page that says what this is and where to go, and runs nothing", async (t) => {
  const { app } = start(t);
  const { statusCode, headers, body } = await app.inject({ url: "/", headers: BROWSER });
  assert.equal(statusCode, 200);
  assert.match(
    String(headers["content-security-policy"]),
    /^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; /,
  );
  assert.doesNotMatch(String(headers["content-security-policy"]), /script-src/);
  assert.equal(headers.vary, "accept");
  for (const part of [
    "Coatcheck is running",
    'href="/device"',
    'href="/walk"',
    'href="/docs/"',
    `Coatcheck ${VERSION}`,
    'rel="icon"',
  ])
    assert.ok(body.includes(part), part);
  assert.doesNotMatch(body, /<script|class="command"/);
});

test("a broker for development shows its demo's steps, as texts, and its own script", async (t) => {
  const steps = [{ title: "One <b>", text: "& more", command: "curl -d '{\"a\":1}' <x>" }];
  const { app } = start(t, { demo: () => ({ server: 'demo"', steps }) });
  const { headers, body } = await app.inject({ url: "/", headers: BROWSER });
  assert.match(
    String(headers["content-security-policy"]),
    /script-src 'self'; connect-src 'self'; require-trusted-types-for/,
  );
  assert.ok(body.includes("1. One &lt;b&gt;") && body.includes("{&quot;a&quot;:1}&#39; &lt;x&gt;"), body);
  assert.ok(body.includes('data-server="demo&quot;"'));
  const [, script = ""] = /src="([^"]+)"/.exec(body) ?? [];
  assert.equal((await app.inject({ url: script })).statusCode, 200);
});

test("the page's commands have the root token of --dev that everybody knows, and no other", () => {
  const stage = {
    address: "http://127.0.0.1:8200",
    issuer: "http://127.0.0.1:8210",
    clientId: "demo",
    command: ["coatcheck"],
  };
  const plain = { ...stage, rootToken: "dev-root-token" };
  assert.deepEqual(pageSteps(plain), demoSteps(plain));
  assert.ok(!JSON.stringify(pageSteps({ ...stage, rootToken: "some-other-root-token" })).includes("some-other"));
});

for (const [method, url, headers, status, says] of [
  ["GET", "/nowhere", {}, 404, "There is nothing here"],
  ["HEAD", "/nowhere", {}, 404, ""],
  ["GET", "/walk/nothing.ts", {}, 404, "There is nothing here"],
  ["GET", "/v1/oauth2/nope", {}, 403, "This address is for programs"],
  ["GET", "/v1/oauth2/creds/bot", {}, 403, "This address is for programs"],
  ["GET", "/%zz", {}, 400, "Bad request."],
] as const) {
  test(`a browser that asks ${method} ${url} is shown a page that leads on, with status ${status}`, async (t) => {
    const { app } = start(t);
    const shown = await app.inject({ method, url, headers: { ...BROWSER, ...headers } });
    assert.equal(shown.statusCode, status);
    assert.match(String(shown.headers["content-type"]), /^text\/html/);
    assert.equal(shown.headers.vary, "accept, accept-language");
    if (method === "GET") assert.ok(shown.body.includes(says) && shown.body.includes('href="/"'), shown.body);
  });
}

test("HEAD of / and of /robots.txt is their GET without a body, as what watches a site asks", async (t) => {
  const { app } = start(t);
  for (const url of ["/", "/robots.txt"]) {
    const [head, get] = [
      await app.inject({ method: "HEAD", url, headers: BROWSER }),
      await app.inject({ url, headers: BROWSER }),
    ];
    assert.deepEqual([head.statusCode, head.body], [200, ""], url);
    assert.equal(head.headers["content-type"], get.headers["content-type"], url);
  }
  assert.equal((await app.inject({ method: "HEAD", url: "/" })).statusCode, 404, "to programs it is not there");
});

test("a program gets what it got, on / as well, and whoever brings a token is one", async (t) => {
  const { app, token } = start(t);
  for (const headers of PROGRAMS) {
    for (const url of ["/", "/nowhere", "/favicon.ico"]) {
      const answer = await app.inject({ url, headers });
      assert.equal(answer.statusCode, 404);
      assert.deepEqual(answer.json(), { errors: ["unsupported path"] });
    }
  }
  for (const headers of [{ "x-vault-token": token }, { authorization: `Bearer ${token}` }]) {
    const answer = await app.inject({ url: "/v1/oauth2/nope", headers: { ...BROWSER, ...headers } });
    assert.deepEqual([answer.statusCode, answer.json()], [404, { errors: ["unsupported path"] }]);
  }
  assert.deepEqual((await app.inject({ method: "POST", url: "/", headers: BROWSER })).json(), {
    errors: ["unsupported path"],
  });
});

test("robots are asked to stay away from all of it", async (t) => {
  const { app } = start(t);
  const { headers, body } = await app.inject({ url: "/robots.txt" });
  assert.match(String(headers["content-type"]), /^text\/plain/);
  assert.equal(body, "User-agent: *\nDisallow: /\n");
});
