import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import {
  AuthCodeUrlParameters,
  ConfigParameters,
  CredsParameters,
  SelfParameters,
  ServerParameters,
} from "../../src/api/index.ts";
import { startReal } from "./start-real.ts";

const NOUNS = {
  config: ConfigParameters,
  servers: ServerParameters,
  creds: CredsParameters,
  self: SelfParameters,
  "auth-code-url": AuthCodeUrlParameters,
  sts: CredsParameters,
  callback: CredsParameters,
};
type Noun = keyof typeof NOUNS;
const nouns = Object.keys(NOUNS) as Noun[];

/** Any but half a surrogate pair. fast-check's own "binary" builds a table of all of them first, which takes a second. */
const character = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((code) => String.fromCodePoint(code));
const name = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }).map(encodeURIComponent),
  fc.string({ unit: character, maxLength: 12 }).map(encodeURIComponent),
  fc.constantFrom("", "a/b", "%", "%ff", "%00", "..", ".", "a:", "%2F", "a%2F..%2Fb", "*", "__proto__", "%25", "+"),
);
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom("github", "custom", "S256", "refresh_token", "a=b", "1h", "0x10", -1, 1e308, Number.MAX_SAFE_INTEGER),
  fc.string({ unit: character }),
);

function bodyOf(noun: Noun) {
  const fields = fc.dictionary(fc.constantFrom(...Object.keys(NOUNS[noun].properties), "__proto__", "nope"), value);
  return fc.oneof(
    fields.map((record) => JSON.stringify(record)),
    fields.map((record) => JSON.stringify(record).slice(0, -1)),
    fc.json(),
    fc.webQueryParameters(),
    fc.uint8Array({ maxLength: 64 }),
  );
}

const input = fc.constantFrom(...nouns).chain((noun) =>
  fc.record({
    noun: fc.constant(noun),
    method: fc.constantFrom("PUT", "POST", "GET", "DELETE", "PATCH", "OPTIONS", "HEAD"),
    name,
    query: fc.option(fc.webQueryParameters(), { nil: "" }),
    body: bodyOf(noun),
    type: fc.constantFrom(
      undefined,
      "application/json",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "x;y",
    ),
  }),
);

test("whatever is sent, the answer is never a 5xx but the honest wait for a pending credential", async (t) => {
  const { send, lines } = await startReal(t);
  const property = fc.asyncProperty(input, async ({ noun, method, name, query, body, type }) => {
    const writes = method !== "GET" && method !== "HEAD";
    const target = `/v1/oauth2/${noun}${["config", "auth-code-url"].includes(noun) ? "" : `/${name}`}?${query}`;
    const answer = await send(method, target, writes ? body : undefined, writes ? type : undefined);
    assert.ok(answer.status < 500 || answer.text.includes("token pending issuance"), `${answer.status} ${answer.text}`);
    if (answer.status >= 400 && method !== "HEAD" && answer.type?.startsWith("text/html") !== true) {
      assert.equal(answer.type, "application/json");
      assert.ok(Array.isArray((JSON.parse(answer.text) as { errors: unknown }).errors));
    }
  });
  await fc.assert(property, { numRuns: 600 });
  assert.ok(!lines.join("").includes("request_failed"));
});
