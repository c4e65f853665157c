import assert from "node:assert/strict";
import test from "node:test";
import { parseBody } from "../../../src/http/input/body.ts";
import { JsonNumber } from "../../../src/http/input/json-number.ts";

const FORM = "application/x-www-form-urlencoded";
const parse = (text: string, type = "") => parseBody(Buffer.from(text), type);

test("1.2 an empty body is no parameters, whatever its type", () => {
  for (const type of ["", FORM, "application/json", "text/plain"]) assert.equal(parse("", type), null);
});

test("1.2 null is no parameters", () => assert.equal(parse("null"), null));

test("1.2 a JSON object is parameters with any content type, curl's form type too", () => {
  for (const type of ["", FORM, "application/json", "text/plain"])
    assert.deepEqual(parse(' {"a":"b"}', type), { a: "b" });
});

test("1.2 a form's repeated keys are joined with commas", () => {
  assert.deepEqual(parse("a=1&b=x+y%21&a=2", `${FORM}; charset=utf-8`), { a: "1,2", b: "x y!" });
});

test("1.2 a form that cannot be decoded is refused, not stored mangled", () => {
  for (const text of ["client_id=a%FFb", "client_id=a%zz", "client_secret=%"]) {
    assert.throws(() => parse(text, FORM), { statusCode: 400 }, text);
  }
});

test("1.2 number literals keep their text", () => {
  assert.deepEqual(parse('{"n":1.10,"l":[12345678901234567890]}'), {
    n: new JsonNumber("1.10"),
    l: [new JsonNumber("12345678901234567890")],
  });
});

test("1.2 other JSON and unreadable bodies are refused without repeating them", () => {
  const bad = ['["s3cret"]', '"s3cret"', "7", "true", '{"a":"s3cret"', "s3cret", "[".repeat(500_000)];
  for (const text of bad) {
    assert.throws(
      () => parse(text),
      (error: Error & { statusCode?: number }) => error.statusCode === 400 && !error.message.includes("s3cret"),
    );
  }
  assert.throws(() => parseBody(Buffer.from([0x7b, 0xff, 0x7d]), ""), { statusCode: 400 });
  assert.throws(() => parse('["a"]', FORM), { statusCode: 400 });
});

test("half a surrogate pair becomes U+FFFD, as in Go", () => {
  assert.deepEqual(parse('{"a":"\\ud800"}'), { a: "\ufffd" });
});
