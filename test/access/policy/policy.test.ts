import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePolicy } from "../../../src/access/policy/policy.ts";
import { filledIn } from "../../../src/access/policy/template.ts";
import { dice, pick, someRules } from "./generate.ts";

/** What is compared of a rule. */
const plain = (text: string) =>
  parsePolicy(text).map(({ path, deny, capabilities }) => [path, deny ? ["deny"] : [...capabilities]]);

test("6.2 a policy as people write it", () => {
  const text = `
    # who may do what
    name = "ci" // a name
    path "secret/a" { capabilities = ["read", "list"] } /* twice
    two lines */
    path "secret/b/*" {
      policy              = "write"
      comment             = "old"
      allowed_parameters  = {
        "Server" = ["github", 5, true, ["a", "b"], { k = "v" },]
        "*"      = []
      }
      denied_parameters { "x" = [] }
      required_parameters = ["A"]
      min_wrapping_ttl    = "1m30s"
      max_wrapping_ttl    = 3600
    }
    path "/c" { capabilities = ["sudo", "deny", "read"] }
    path "d" {}
    path <<-END
      e
      END
    { capabilities = ["scan", "patch", "create"] }`;
  assert.deepEqual(plain(text), [
    ["secret/a", ["list", "read"]],
    ["secret/b/*", ["create", "delete", "list", "read", "update"]],
    ["c", ["deny"]],
    ["d", []],
    ["e\n", ["create", "patch"]],
  ]);
  const [, b] = parsePolicy(text);
  const items = [{ key: "k", labels: [], value: "v", line: 10 }];
  assert.deepEqual(
    b?.allowed,
    new Map([
      ["server", ["github", 5, true, ["a", "b"], { items }]],
      ["*", []],
    ]),
  );
  assert.deepEqual([b?.denied, b?.required, b?.wrapping], [new Map([["x", []]]), ["a"], { least: 90, most: 3_600 }]);
});

test("6.2 the same in JSON; what is there twice counts twice", () => {
  const json = `{ "name": "ci", "path": { "a": { "capabilities": ["read"] }, "a": { "capabilities": ["deny"] } },
    "path": [{ "b\\/\\u0063": { "policy": "read", "max_wrapping_ttl": "2h", "allowed_parameters": { "n": [null, -1.5e2] } } }] }`;
  assert.deepEqual(plain(json), [
    ["a", ["read"]],
    ["a", ["deny"]],
    ["b/c", ["list", "read"]],
  ]);
  assert.deepEqual(parsePolicy(json)[2]?.allowed, new Map([["n", [null, -150]]]));
});

test("6.2 strings have escapes, numbers have bases", () => {
  const path = (text: string) => parsePolicy(`path ${text} {}`)[0]?.path;
  assert.equal(path('"\\"\\\\\\n\\t\\x41\\u00e9\\U0001F511 # // /* $ { }"'), '"\\\n\tAé🔑 # // /* $ { }');
  assert.equal(path("plain-name.x_1"), "plain-name.x_1");
  const [rule] = parsePolicy('path "a" { allowed_parameters = { n = [0x1f, 010, -2, 1.5, 1e3] } }');
  assert.deepEqual(rule?.allowed, new Map([["n", [31, 8, -2, 1.5, 1000]]]));
  assert.deepEqual(parsePolicy(""), []);
  assert.deepEqual(parsePolicy("\ufeff# nothing but a remark"), []);
});

const REFUSED: readonly (readonly [text: string, said: RegExp])[] = [
  ['path "a" { capabilities = ["fly"] }', /path "a": invalid capability "fly"/],
  ['path "a" { capability = ["read"] }', /path "a": line 1: invalid key "capability"/],
  ['paths "a" { }', /line 1: invalid key "paths"/],
  ['path "a" { policy = "all" }', /path "a": invalid policy "all"/],
  ['path "a" { policy = "constructor" }', /invalid policy/],
  ['path "a+*" { }', /"\+\*" is forbidden/],
  ['path "a/{{identity.group.id}}" { }', /a template can be identity.entity.id/],
  ['path "a/{{identity.entity.id" { }', /must come in pairs/],
  ['path "a" { capabilities = ["read"]\ncapabilities = ["deny"] }', /line 2: "capabilities" is there twice/],
  ['path "a" { capabilities = "read" }', /must be a list of strings/],
  ['path "a" { capabilities = [1] }', /must be a list of strings/],
  ['path "a" { allowed_parameters = { "x" = "y" } }', /a list of values for each parameter/],
  ['path "a" { allowed_parameters = { "x" = [], "X" = [] } }', /has "x" twice/],
  ['path "a" { allowed_parameters = ["x"] }', /a list of values for each parameter/],
  ['path "a" { min_wrapping_ttl = "soon" }', /must be a duration/],
  ['path "a" { min_wrapping_ttl = "" }', /must be a duration/],
  ['path "a" { min_wrapping_ttl = "1constructor" }', /must be a duration/],
  ['path "a" { min_wrapping_ttl = 60\nmax_wrapping_ttl = 59 }', /cannot be less/],
  ['path "a" { ', /line 1: it ends where a key is expected/],
  ['path "a" }', /"}" where "=" or "{" is expected/],
  ['path "a" = { }', /"=" where/],
  ['path "a" "b" { }', /a rule is written/],
  ["path = 5", /a rule is written/],
  ["path = { a = {} , b = 1 }", /a rule is written/],
  ['path "a\n" { }', /line 1: a string has no end/],
  ['path "a', /a string has no end/],
  ['path "\\q" { }', /unknown escape/],
  ['path "\\xZZ" { }', /unknown escape/],
  ['path "\\UFFFFFFFF" { }', /unknown escape/],
  [`path "$\{a}" { }`, /"\$\{" is not part/],
  ["/* path", /a comment has no end/],
  ["path <<EOF\na", /a heredoc has no end/],
  ["path <<\n", /a heredoc has no end/],
  ['path "a" { capabilities = [read] }', /"read" where a value is expected/],
  ['path "a" { capabilities = ["read" "list"] }', /"list" where "," or "\]" is expected/],
  ['path "a" { min_wrapping_ttl = 5x }', /"5x" is no number/],
  ["%", /"%" is not expected here/],
  ['{ "path": [] ', /no valid JSON/],
  ['{ "path": { "a": 1 } }', /a rule is written/],
  ["{} {}", /no valid JSON/],
  ["name = 5", /name must be a string/],
  ["path = null", /"null" where a value is expected/],
  [`path "a" { allowed_parameters = { x = ${"[".repeat(20)}`, /nested too deeply/],
];

for (const [text, said] of REFUSED) {
  test(`6.2 refused: ${JSON.stringify(text.slice(0, 60))}`, () => {
    assert.throws(
      () => parsePolicy(text),
      (error: Error) => error.name === "PolicyProblem" && said.test(error.message),
    );
  });
}

/** The same words with any blanks, remarks and marks that do not matter. */
test("6.2 generated policies in two spellings and any dress read the same", () => {
  const roll = dice(7);
  const blank = () => pick(roll, [" ", "\n", "\t", "\r\n", " # x }\n", " // [\n", ' /* " { */ ']);
  const key = (name: string) => (roll() < 0.3 ? JSON.stringify(name) : name);
  for (let turn = 0; turn < 300; turn++) {
    const rules = someRules(roll);
    const list = (values: readonly string[]) =>
      `[${blank()}${values.map((one) => JSON.stringify(one)).join(`,${blank()}`)}${values.length > 0 ? pick(roll, ["", ","]) : ""}${blank()}]`;
    const hcl = rules
      .map(({ path, capabilities }) => {
        const inside = `{${blank()}${key("capabilities")}${blank()}=${blank()}${list(capabilities)}${blank()}}`;
        return `${blank()}${key("path")}${blank()}${JSON.stringify(path)}${blank()}${inside}${blank()}`;
      })
      .join(pick(roll, [blank(), ""]));
    const json = JSON.stringify({ path: rules.map(({ path, capabilities }) => ({ [path]: { capabilities } })) });
    assert.deepEqual(plain(hcl), plain(json), hcl);
    assert.equal(plain(hcl).length, rules.length);
  }
});

test("6.3 ST-122 a template is whose token it is; a value that would be a pattern, or is missing, leaves a path that matches nothing", () => {
  const entity = {
    id: "e1",
    name: "ann",
    metadata: { "team.x": "red", wild: "a*", folder: "session", up: "..", half: "ses", rest: "sion" },
    aliases: { oidc_1: { name: "ann@x", metadata: { k: "v" } } },
  };
  const paths = (path: string, whose?: typeof entity) =>
    filledIn(parsePolicy(`path "${path}" { capabilities = ["read"] }`), whose).map((one) => one.path);
  for (const [path, filled] of [
    ["a/{{identity.entity.id}}/b", ["a/e1/b"]],
    ["a/{{ identity.entity.name }}*", ["a/ann*"]],
    ["{{identity.entity.metadata.team.x}}/{{identity.entity.aliases.oidc_1.name}}:*", ["red/ann@x:*"]],
    ["{{identity.entity.aliases.oidc_1.metadata.k}}", ["v"]],
    ["{{identity.entity.metadata.wild}}", []],
    ["{{identity.entity.metadata.none}}", []],
    ["{{identity.entity.aliases.toString.name}}", []],
    // ST-122
    ["oauth2/creds/{{identity.entity.metadata.folder}}/*", []],
    ["oauth2/creds/{{identity.entity.metadata.folder}}*", []],
    ["oauth2/creds/{{identity.entity.metadata.half}}{{identity.entity.metadata.rest}}/x", []],
    ["oauth2/creds/{{identity.entity.metadata.up}}/*", []],
    ["oauth2/creds/session/my-{{identity.entity.metadata.folder}}", ["oauth2/creds/session/my-session"]],
    ["plain/*", ["plain/*"]],
  ] as const) {
    assert.deepEqual(paths(path, entity), filled, path);
    assert.deepEqual(paths(path), path === "plain/*" ? filled : [], path);
  }
});
