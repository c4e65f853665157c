import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import fc from "fast-check";
import { WithoutToken } from "../../../src/broker/proxy/token-search.ts";

/** What is left of a body that comes in pieces of so many bytes. */
async function searched(text: string, token: string, piece: number): Promise<string> {
  const pieces = async function* () {
    for (let at = 0; at < text.length; at += piece) yield Buffer.from(text.slice(at, at + piece), "latin1");
  };
  return Buffer.concat(await Readable.from(new WithoutToken(pieces(), token)).toArray()).toString("latin1");
}

test("ST-11 each sign of a token may be written in its own way, and the token may come in pieces", async () => {
  const token = "ab+/cd/EF==";
  const hidden = [
    token,
    "ab%2B%2Fcd%2FEF%3D%3D",
    "ab%2b%2fcd%2fEF%3d%3d",
    "ab+/cd/EF%3D=",
    "ab+\\/cd\\/EF\\u003d\\u003d",
    "ab\\u002B/cd%2fEF=%3D",
  ];
  for (const form of hidden) {
    for (const piece of [1, 3, 1_000]) {
      const stars = "*".repeat(form.length);
      assert.equal(await searched(`<abab+${form}ab+/${form}`, token, piece), `<abab+${stars}ab+/${stars}`, form);
    }
  }
  for (const other of ["ab+/cd/EF=", "ab+/cd/ef==", "ab%2", "ab%2x/cd/EF==", "aab+/cd/E"]) {
    for (const piece of [1, 1_000]) assert.equal(await searched(other, token, piece), other);
  }
});

/** What `searched` has to answer, the slow way. */
function starred(text: string, token: string): string {
  const spelled = [...token].map((sign) => {
    const hex = sign.charCodeAt(0).toString(16);
    return /[a-z0-9]/.test(sign)
      ? sign
      : `(?:\\${sign}|(?:%|\\\\u00)${hex[0]}(?:${hex[1]}|${hex[1]?.toUpperCase()})|\\\\\\${sign})`;
  });
  return text.replaceAll(new RegExp(spelled.join(""), "g"), (found) => "*".repeat(found.length));
}

test("ST-11 whatever a token is and however the answer comes in pieces, all of it is hidden and nothing else", async () => {
  const signs = fc.constantFrom("a", "b", "-", "+");
  const tokens = fc.string({ unit: signs, minLength: 1, maxLength: 5 });
  const parts = fc.array(
    fc.constantFrom("a", "b", "-", "+", "ab", "ba", "%2b", "%2B", "%2D", "\\-", "\\u002b", "%", "\\"),
    {
      maxLength: 30,
    },
  );
  await fc.assert(
    fc.asyncProperty(tokens, parts, fc.integer({ min: 1, max: 40 }), async (token, said, piece) => {
      const text = said.join("");
      assert.equal(await searched(text, token, piece), starred(text, token));
    }),
    { numRuns: 1_000, seed: 11 },
  );
});

test("a piece without a token goes on as it came, and of one with a token a copy is changed", async () => {
  const [plain, telling] = [Buffer.from("nothing here"), Buffer.from("it is token-1")];
  const pieces = async function* () {
    yield* [plain, telling];
  };
  const [first, second] = await Readable.from(new WithoutToken(pieces(), "token-1")).toArray();
  assert.equal(first?.buffer, plain.buffer);
  assert.deepEqual([String(second), String(telling)], ["it is *******", "it is token-1"]);
});
