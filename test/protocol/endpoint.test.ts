import assert from "node:assert/strict";
import { test } from "node:test";
import { exchange, isEndpoint } from "../../src/protocol/endpoint.ts";
import { refreshTokenRequest } from "../../src/protocol/refresh-token.ts";
import { TransportError } from "../../src/protocol/response/transport-error.ts";
import { as, publicClient, recordingCall } from "./recording.ts";

/** What became of a refresh at this token endpoint, and how many requests left. */
async function attempt(endpoint: string | undefined, allowHttp = false) {
  const call = { ...recordingCall(), allowHttp };
  const { token_endpoint: _, ...rest } = as;
  const server = endpoint === undefined ? rest : { ...as, token_endpoint: endpoint };
  const result = await exchange(refreshTokenRequest(server, publicClient, "one-time", call));
  return { result: result instanceof TransportError ? `${result.code} ${result.sent}` : result.status, ...call };
}

for (const endpoint of [
  undefined,
  "",
  "nonsense",
  "http://as.example.com/token",
  "ftp://as.example.com/token",
  "https://as.example.com/token#fragment",
  "https://user:pass@as.example.com/token",
]) {
  test(`DEV-01 OA-04 META-07 a token endpoint "${endpoint}" gets nothing, and that is known`, async () => {
    const { result, requests } = await attempt(endpoint);
    assert.equal(result, "url_refused false");
    assert.equal(requests.length, 0);
  });
}

test("DEV-01 http only where the call allows it", async () => {
  assert.equal((await attempt("http://127.0.0.1:1/token", true)).result, 200);
});

test("CL-13 a key that cannot sign: nothing was sent", async () => {
  const client = { clientId: "c", authentication: { method: "private_key_jwt", key: "nonsense" } } as const;
  const call = recordingCall();
  const result = await exchange(refreshTokenRequest(as, client, "one-time", call));
  assert.ok(result instanceof TransportError && !result.sent);
  assert.equal(call.requests.length, 0);
});

test("an answer keeps the headers that mean something, and its whole body", async () => {
  const headers = { "Retry-After": "5", "WWW-Authenticate": "Basic", "Set-Cookie": "a=b", "X-Request-Id": "1" };
  const result = await exchange(Promise.resolve(new Response("body", { status: 429, headers })));
  assert.deepEqual(result, {
    status: 429,
    headers: { "content-type": "text/plain;charset=UTF-8", "retry-after": "5", "www-authenticate": "Basic" },
    body: "body",
  });
});

const THROWN: readonly [unknown, string][] = [
  [new TypeError("fetch failed"), "reset true"],
  [new DOMException("x", "AbortError"), "aborted true"],
  [new DOMException("x", "TimeoutError"), "timeout true"],
  ["nonsense", "reset true"],
  [new TransportError("unreachable", false), "unreachable false"],
];

for (const [thrown, expected] of THROWN) {
  test(`CL-14 ${thrown} counts as ${expected}`, async () => {
    const result = await exchange(Promise.reject(thrown));
    assert.ok(result instanceof TransportError);
    assert.equal(`${result.code} ${result.sent}`, expected);
  });
}

test("CL-14 a body that breaks off is no answer", async () => {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"access_token":"a"'));
      controller.error(new TypeError("terminated"));
    },
  });
  const result = await exchange(Promise.resolve(new Response(body)));
  assert.ok(result instanceof TransportError && result.sent);
});

test("META-07 what an endpoint is", () => {
  assert.equal(isEndpoint("https://as.example.com/a?b=c", false), true);
  for (const text of [5, null, "/token", "https://as.example.com/#", "http://as.example.com/"]) {
    assert.equal(isEndpoint(text, false), false, String(text));
  }
});
