import assert from "node:assert/strict";
import { test } from "node:test";
import { checkCallback } from "../../src/protocol/callback.ts";
import { as } from "./recording.ts";

const promising = { ...as, authorization_response_iss_parameter_supported: true };
const nameless = { ...as, issuer: as.token_endpoint ?? "" };
const iss = encodeURIComponent(as.issuer);

const CASES: readonly [title: string, server: typeof as, query: string, expected: object | string][] = [
  ["OA-14 a code", as, "state=s&code=c", { kind: "code", code: "c" }],
  ["ISS-01 a code with its issuer", promising, `state=s&code=c&iss=${iss}`, { kind: "code", code: "c" }],
  ["ISS-01 another issuer", promising, "state=s&code=c&iss=https://evil.example", "issuer does not match"],
  ["ISS-01 almost the issuer", promising, `state=s&code=c&iss=${iss}/`, "issuer does not match"],
  ["ISS-02 a promised issuer that is missing", promising, "state=s&code=c", "iss is missing"],
  ["ISS-02 a promised issuer that is empty", promising, "state=s&code=c&iss=", "iss is missing"],
  ["ISS-03 another issuer, not promised", as, "state=s&code=c&iss=https://evil.example", "issuer does not match"],
  ["ISS-03 no issuer known to compare with", nameless, `state=s&code=c&iss=${iss}`, { kind: "code", code: "c" }],
  [
    "ISS-04 an error from another issuer",
    as,
    "state=s&error=access_denied&iss=https://evil.example",
    "issuer does not match",
  ],
  ["ISS-04 an error without the promised issuer", promising, "state=s&error=access_denied", "iss is missing"],
  ["ISS-06 two codes", as, "state=s&code=c&code=d", "the response contains a parameter twice"],
  ["ISS-06 two states", as, "state=s&state=s&code=c", "the response contains a parameter twice"],
  ["ISS-06 two issuers", as, `state=s&code=c&iss=${iss}&iss=${iss}`, "the response contains a parameter twice"],
  ["OA-14 another state", as, "state=t&code=c", "state does not match"],
  ["OA-14 a longer state", as, "state=ss&code=c", "state does not match"],
  ["OA-14 no state", as, "code=c", "state does not match"],
  ["OA-14 an error with another state", as, "state=t&error=access_denied", "state does not match"],
  ["OA-14 neither code nor error", as, "state=s&code=", "the response contains neither code nor error"],
  [
    "OA-23 an error",
    as,
    "state=s&error=access_denied&error_description=no%0D%0Athanks&error_uri=http://x/",
    { kind: "error", error: { code: "access_denied", providerCode: "access_denied", description: "no thanks" } },
  ],
  [
    "OA-23 an error beside a code",
    as,
    "state=s&error=server_error&code=c",
    { kind: "error", error: { code: "server_error", providerCode: "server_error" } },
  ],
];

for (const [title, server, query, expected] of CASES) {
  test(title, () => {
    const wanted = typeof expected === "string" ? { kind: "invalid", text: expected } : expected;
    assert.deepEqual(checkCallback(server, new URLSearchParams(query), { state: "s" }), wanted);
  });
}

test("OA-14 an empty state matches nothing", () => {
  assert.equal(checkCallback(as, new URLSearchParams("state=&code=c"), { state: "" }).kind, "invalid");
});
