import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { applyQuirks } from "../../../src/protocol/quirks.ts";
import { processTokenResponse, transportOutcome } from "../../../src/protocol/response/token-response.ts";
import { TransportError } from "../../../src/protocol/response/transport-error.ts";
import { answer } from "../recording.ts";

const HTML = "<html><body>Sign in to the Wi-Fi</body></html>";

/** The outcome in one word, with the error's code or the text. */
function classify(...given: Parameters<typeof answer>): string {
  const outcome = processTokenResponse(answer(...given));
  switch (outcome.kind) {
    case "tokens":
      return `tokens ${outcome.tokens.accessToken}/${outcome.tokens.refreshToken ?? "-"}`;
    case "refused":
      return `refused ${outcome.error.code}`;
    default:
      return `${outcome.kind}: ${outcome.text}`;
  }
}

const NONE = "no definite answer from the authorization server";
const status = (code: number) => `authorization server answered with status ${code}`;

const CLASSES: readonly [title: string, given: Parameters<typeof answer>, expected: string][] = [
  ["CL-01 both tokens", [200, { access_token: "a", refresh_token: "r" }], "tokens a/r"],
  ["CL-01 an access token only", [200, { access_token: "a" }], "tokens a/-"],
  ["CL-01 a refresh token only", [200, { access_token: "", refresh_token: "r" }], "tokens /r"],
  ["CL-01 tokens beside an error", [200, { access_token: "a", error: "invalid_grant" }], "tokens a/-"],
  ["CL-01 status 201", [201, { access_token: "a" }], "tokens a/-"],
  ["CL-01 wrong content type", [200, '{"access_token":"a"}', { "content-type": "text/html" }], "tokens a/-"],
  ["CL-02 an error under 200", [200, { error: "invalid_grant" }], "refused invalid_grant"],
  ["CL-02 a pending under 200", [200, { error: "authorization_pending" }], "refused authorization_pending"],
  ["CL-03 HTML", [200, HTML], `ambiguous: ${NONE}`],
  ["CL-03 empty", [200, ""], `ambiguous: ${NONE}`],
  ["CL-03 a cut body", [200, '{"access_token":"a","refresh_tok'], `ambiguous: ${NONE}`],
  ["CL-03 JSON without tokens", [200, { ok: true }], "ambiguous: server response missing access_token"],
  ["CL-03 tokens of the wrong type", [200, { access_token: 1 }], "ambiguous: server response missing access_token"],
  ["CL-03 no JSON object", [200, '["access_token"]'], `ambiguous: ${NONE}`],
  ["CL-04 invalid_grant, 400", [400, { error: "invalid_grant" }], "refused invalid_grant"],
  ["CL-04 invalid_grant, 401", [401, { error: "invalid_grant" }], "refused invalid_grant"],
  ["CL-04 invalid_grant, 403", [403, { error: "invalid_grant" }], "refused invalid_grant"],
  ["CL-04 invalid_grant, 428", [428, { error: "invalid_grant" }], "refused invalid_grant"],
  ["CL-04 invalid_grant, 500", [500, { error: "invalid_grant" }], "refused invalid_grant"],
  ["CL-05 invalid_client", [401, { error: "invalid_client" }], "refused invalid_client"],
  ["CL-05 unauthorized_client", [400, { error: "unauthorized_client" }], "refused unauthorized_client"],
  ["CL-05 a Basic challenge", [401, HTML, { "www-authenticate": 'Basic realm="x"' }], "refused invalid_client"],
  [
    "CL-05 a Basic challenge among others",
    [401, "", { "www-authenticate": "Bearer, basic" }],
    "refused invalid_client",
  ],
  [
    "CL-05 an error before the challenge",
    [401, { error: "invalid_grant" }, { "www-authenticate": "Basic" }],
    "refused invalid_grant",
  ],
  ["CL-06 invalid_scope", [400, { error: "invalid_scope" }], "refused invalid_scope"],
  ["CL-07 invalid_request", [400, { error: "invalid_request" }], "refused invalid_request"],
  ["CL-07 unsupported_grant_type", [400, { error: "unsupported_grant_type" }], "refused unsupported_grant_type"],
  ["CL-07 invalid_target", [400, { error: "invalid_target" }], "refused invalid_target"],
  ["CL-08 use_dpop_nonce", [400, { error: "use_dpop_nonce" }], "refused use_dpop_nonce"],
  ["CL-09 server_error", [400, { error: "server_error" }], "ambiguous: server rejected request: server_error"],
  [
    "CL-09 temporarily_unavailable",
    [200, { error: "temporarily_unavailable" }],
    "ambiguous: server rejected request: temporarily_unavailable",
  ],
  ["CL-09 500 HTML", [500, HTML], `ambiguous: ${status(500)}`],
  ["CL-09 502 empty", [502, ""], `ambiguous: ${status(502)}`],
  ["CL-09 504 JSON", [504, { message: "upstream" }], `ambiguous: ${status(504)}`],
  ["CL-10 408", [408, ""], `unavailable: ${status(408)}`],
  ["CL-10 425", [425, ""], `unavailable: ${status(425)}`],
  ["CL-10 429 with invalid_grant", [429, { error: "invalid_grant" }], `unavailable: ${status(429)}`],
  ["CL-10 503 with an error", [503, { error: "slow_down" }], `unavailable: ${status(503)}`],
  ["CL-10 503 HTML", [503, HTML], `unavailable: ${status(503)}`],
  ["DEV-13 slow_down as 429", [429, { error: "slow_down" }], "refused slow_down"],
  ["CL-11 404 HTML", [404, HTML], `unavailable: ${status(404)}`],
  ["CL-11 400 empty", [400, ""], `unavailable: ${status(400)}`],
  ["CL-11 403 of a gateway", [403, { message: "forbidden" }], `unavailable: ${status(403)}`],
  ["CL-11 401 with a Bearer challenge", [401, "", { "www-authenticate": "Bearer" }], `unavailable: ${status(401)}`],
  ["CL-11 an error that is an object", [400, { error: { code: 190 } }], `unavailable: ${status(400)}`],
  ["CL-12 302", [302, ""], `unavailable: ${status(302)}`],
  ["CL-12 304", [304, ""], `unavailable: ${status(304)}`],
  ["CL-15 unknown error, 400", [400, { error: "weird" }], "refused weird"],
  ["CL-15 unknown error, 200", [200, { error: "weird" }], "ambiguous: server rejected request: weird"],
  ["CL-15 unknown error, 500", [500, { error: "weird" }], `ambiguous: ${status(500)}`],
  ["CL-15 unknown status", [799, ""], `ambiguous: ${NONE}`],
];

for (const [title, given, expected] of CLASSES) {
  test(title, () => assert.equal(classify(...given), expected));
}

test("CL-10 CL-12 the status is told where there is one", () => {
  assert.deepEqual(processTokenResponse(answer(429, "", { "retry-after": "7200" })), {
    kind: "unavailable",
    text: status(429),
    status: 429,
    retryAfter: 3600,
  });
});

test("CL-13 CL-14 a request without an answer", () => {
  assert.deepEqual(transportOutcome(new TransportError("unreachable", false)), {
    kind: "unavailable",
    text: "authorization server unavailable",
  });
  assert.deepEqual(transportOutcome(new TransportError("reset", true)), { kind: "ambiguous", text: NONE });
});

test("CL-01 … CL-15 property: whatever comes, there is an outcome, and no token outside 2xx", () => {
  const bodies = fc.oneof(fc.json(), fc.string(), fc.constant('{"access_token":"a"}'));
  const headers = fc.dictionary(fc.constantFrom("retry-after", "www-authenticate", "date"), fc.string());
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 }), bodies, headers, (code, body, given) => {
      const { kind } = processTokenResponse({ status: code, body, headers: given });
      const kinds = ["tokens", "refused", "unavailable", "ambiguous"];
      return kinds.includes(kind) && (kind !== "tokens" || (code >= 200 && code < 300));
    }),
  );
});

test("OA-13 a code mapped by provider data keeps the provider's own beside it", () => {
  const quirks = { errorUnderOk: true, errorCodes: { bad_refresh_token: "invalid_grant" } };
  const outcome = processTokenResponse(applyQuirks(answer(200, { error: "bad_refresh_token" }), quirks));
  assert.deepEqual(outcome, {
    kind: "refused",
    error: { code: "invalid_grant", providerCode: "bad_refresh_token" },
  });
});
