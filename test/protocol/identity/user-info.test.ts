import assert from "node:assert/strict";
import { test } from "node:test";
import { userInfo } from "../../../src/protocol/identity/user-info.ts";
import { TransportError } from "../../../src/protocol/response/transport-error.ts";
import { as, recordingCall } from "../recording.ts";

const server = { ...as, userinfo_endpoint: "https://as.example.com/me" };

async function ask(response: () => Response, of = server) {
  const call = recordingCall(response);
  const outcome = await userInfo({ as: of, accessToken: "token", subject: "alice" }, call);
  return { outcome: "text" in outcome ? `${outcome.kind}: ${outcome.text}` : outcome.kind, requests: call.requests };
}

test("userinfo of the subject, by Bearer in the header", async () => {
  const { outcome, requests } = await ask(() => Response.json({ sub: "alice", email: "a@example.com" }));
  assert.equal(outcome, "claims");
  assert.equal(requests[0]?.url, server.userinfo_endpoint);
  assert.equal(requests[0]?.headers.get("authorization"), "Bearer token");
});

const OTHER = "dropped: userinfo belongs to another subject";

const CASES: readonly [string, () => Response, string][] = [
  ["A21 another subject", () => Response.json({ sub: "mallory" }), OTHER],
  ["A21 no subject", () => Response.json({ email: "a@example.com" }), OTHER],
  ["A21 a subject that is no text", () => Response.json({ sub: ["alice"] }), OTHER],
  ["HTML", () => new Response("<html>"), "failed: userinfo is not a JSON object"],
  ["401", () => new Response("", { status: 401 }), "failed: userinfo endpoint answered with status 401"],
  [
    "unreachable",
    () => {
      throw new TransportError("unreachable", false);
    },
    "failed: authorization server unavailable",
  ],
];

for (const [title, response, expected] of CASES) {
  test(`userinfo: ${title}`, async () => assert.equal((await ask(response)).outcome, expected));
}

test("userinfo: no endpoint, no request", async () => {
  const { userinfo_endpoint: _, ...without } = server;
  const { outcome, requests } = await ask(() => Response.json({}), without as typeof server);
  assert.equal(outcome, "failed: the server has no userinfo endpoint");
  assert.equal(requests.length, 0);
});
