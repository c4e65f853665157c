import assert from "node:assert/strict";
import { test } from "node:test";
import { createAcl, type Operation } from "../../../src/access/policy/acl.ts";
import { CAPABILITIES, parsePolicy } from "../../../src/access/policy/policy.ts";
import { dice, pick, somePath, someRules, textOf } from "./generate.ts";
import { mayByReference } from "./reference.ts";

const aclOf = (...texts: readonly string[]) => createAcl(texts.map(parsePolicy));
const OPERATIONS = [...CAPABILITIES, "list", "read", "list"].filter((one) => one !== "sudo") as readonly Operation[];
/** `POLICY_PAIRS=100000` is the long run. */
const PAIRS = Number(process.env.POLICY_PAIRS ?? 5_000);

test("6.3 the matcher agrees with the slow one on generated policies and paths", () => {
  const roll = dice(15);
  let granted = 0;
  for (let pair = 0; pair < PAIRS; pair++) {
    const [rules, path, operation] = [someRules(roll), somePath(roll), pick(roll, OPERATIONS)];
    const expected = mayByReference(rules, operation, path);
    granted += expected ? 1 : 0;
    // In one policy or in one for each rule: it is the same.
    const texts = pair % 2 === 0 ? [textOf(rules)] : rules.map((rule) => textOf([rule]));
    assert.equal(aclOf(...texts).permits(operation, path, {}), expected, `${operation} ${path}\n${textOf(rules)}`);
  }
  assert.ok(granted > PAIRS / 25, `${granted} were granted`);
});

const rule = (path: string, ...capabilities: string[]) => textOf([{ path, capabilities }]);

test("6.3 priorities: exact, the later wildcard, no prefix, fewer +, longer, larger; a denial counts where it is the best", () => {
  const rows: readonly (readonly [path: string, better: string, worse: string])[] = [
    ["a/b/c", "a/b/c", "a/b/*"],
    ["a/b/c", "a/b/+", "a/+/c"],
    ["a/b/c", "a/b/*", "a/+/c"],
    ["a/b/c", "a/+/c", "a/+/c*"],
    ["a/b/c", "a/b/+", "a/b/*"],
    ["a/b/c/d", "a/+/c/d", "a/+/+/d"],
    ["a/b/cc", "a/+/cc*", "a/+/c*"],
    ["a/b/c", "a/b/c*", "a/*"],
    ["a/b/c/d/e", "a/+/c/d*", "a/+/c/*"],
    ["a/b/c", "a/*", "*"],
  ];
  for (const [path, better, worse] of rows) {
    assert.equal(
      aclOf(rule(better, "read"), rule(worse, "deny")).permits("read", path, {}),
      true,
      `${better} > ${worse}`,
    );
    assert.equal(
      aclOf(rule(worse, "read"), rule(better, "deny")).permits("read", path, {}),
      false,
      `${better} > ${worse}`,
    );
    assert.equal(
      aclOf(rule(better), rule(worse, "read")).permits("read", path, {}),
      false,
      "nothing is granted by the worse",
    );
  }
});

test("6.3 a + is one segment, a * at the end a prefix, a slash at the start nothing", () => {
  const acl = aclOf(rule("/oauth2/creds/+", "read"), rule("x/+/y*", "read"));
  for (const path of ["oauth2/creds/me", "x/1/y", "x/1/yes/and/more", "/oauth2/creds/me"]) {
    assert.equal(acl.permits("read", path, {}), true, path);
  }
  for (const path of ["oauth2/creds", "oauth2/creds/team/me", "x/1/2/y", "x/y", "OAUTH2/creds/me"]) {
    assert.equal(acl.permits("read", path, {}), false, path);
  }
});

test("6.3 list and read are apart; a list is of the path with and without its slash, and no denial is passed by", () => {
  const both = aclOf(rule("a/b", "list"), rule("c/*", "read"));
  assert.deepEqual([both.permits("list", "a/b/", {}), both.permits("read", "a/b", {})], [true, false]);
  assert.deepEqual([both.permits("list", "c/d/", {}), both.permits("read", "c/d", {})], [false, true]);
  assert.equal(aclOf(rule("a/+", "list"), rule("a/b/*", "deny")).permits("list", "a/b/", {}), false);
  assert.equal(aclOf(rule("a/*", "deny"), rule("a/b/*", "list")).permits("list", "a/b/", {}), true);
});

test("6.1 capabilities are sorted; a denial or nothing is deny; sudo is told apart", () => {
  const acl = aclOf(
    rule("a", "update", "read", "sudo", "patch"),
    rule("b/*", "deny", "read"),
    rule("c"),
    rule("d/e", "list"),
  );
  assert.deepEqual(acl.capabilities("a"), ["patch", "read", "sudo", "update"]);
  for (const path of ["b/x", "c", "nowhere"]) assert.deepEqual(acl.capabilities(path), ["deny"]);
  assert.deepEqual(acl.capabilities("d/e/"), ["list"]);
  assert.deepEqual([acl.hasSudo("update", "a"), acl.hasSudo("list", "d/e/")], [true, false]);
  const wrapped = aclOf('path "a" { capabilities = ["update", "sudo"] min_wrapping_ttl = "1m" }');
  assert.deepEqual([wrapped.reaches("update", "a"), wrapped.hasSudo("update", "a")], [false, false]);
});

test("4 what is below a mount is seen by whoever has a rule there", () => {
  const acl = aclOf(
    rule("oauth2/creds/me", "read"),
    rule("secret/+/creds/*", "read"),
    rule("other/*", "deny"),
    rule("te*", "read"),
  );
  const seen = ["oauth2/", "secret/oauth/", "team/", "other/", "oauth/", "secret/"].map((prefix) =>
    acl.seesBelow(prefix),
  );
  assert.deepEqual(seen, [true, true, true, false, false, true]);
  assert.equal(aclOf(rule("+/oau*", "list")).seesBelow("secret/oauth/"), true);
  // ST-141 What denies all of it hides it, unless something below it is named.
  for (const all of ["*", "+/*"]) {
    const but = (path: string) =>
      aclOf(rule(all, "read"), rule("team/b/*", "deny"), rule(path, "read")).seesBelow("team/b/");
    assert.deepEqual([but("team/a/*"), but("team/b/creds/me")], [false, true], all);
  }
});

const withRules = (rules: string) =>
  aclOf(`path "p" { capabilities = ["read", "update", "list", "delete"]\n${rules} }`);

type Row = readonly [rules: string, sent: Readonly<Record<string, unknown>>, permitted: boolean];

const ROWS: readonly Row[] = [
  ["", { any: 1 }, true],
  ['required_parameters = ["Server"]', {}, false],
  ['required_parameters = ["server"]', { server: "" }, true],
  ['allowed_parameters = { "server" = ["github", "git*"] }', {}, true],
  ['allowed_parameters = { "server" = ["github", "git*"] }', { server: "github" }, true],
  ['allowed_parameters = { "server" = ["github", "git*"] }', { SERVER: "gitlab" }, true],
  ['allowed_parameters = { "server" = ["github", "git*"] }', { server: "google" }, false],
  ['allowed_parameters = { "server" = ["github"] }', { server: "github", code: "x" }, false],
  ['allowed_parameters = { "server" = ["github"], "*" = [] }', { server: "github", code: "x" }, true],
  ['allowed_parameters = { "server" = ["github"], "*" = [] }', { server: "x" }, false],
  ['allowed_parameters = { "server" = ["github"] }', { server: "" }, false],
  ['allowed_parameters = { "server" = ["github"] }', { server: " " }, false],
  ['allowed_parameters = { "server" = ["github", ""] }', { server: "" }, true],
  ['allowed_parameters = { "server" = ["github"] }', { server: [] }, false],
  ['allowed_parameters = { "server" = [] }', { server: [] }, true],
  ['allowed_parameters = { "a" = [] }', { server: [] }, false],
  ['denied_parameters = { "server" = [] }', { server: [] }, false],
  ['denied_parameters = { "server" = ["github"] }', { server: [] }, true],
  ['required_parameters = ["server"]', { server: [] }, false],
  ['allowed_parameters = { "*" = [] }', { server: "x" }, true],
  ['allowed_parameters = { "server" = [] }', { server: { deep: true } }, true],
  ['allowed_parameters = { "a" = ["*"] }', { a: "x" }, false],
  ['allowed_parameters = { "a" = ["*x*"] }', { a: "axe" }, true],
  ['allowed_parameters = { "a" = ["*x"] }', { a: "axe" }, false],
  ['allowed_parameters = { "a" = ["x*y"] }', { a: "x-y" }, false],
  ['allowed_parameters = { "scopes" = ["repo", "read:*"] }', { scopes: ["repo", "read:user"] }, true],
  ['allowed_parameters = { "scopes" = ["repo", "read:*"] }', { scopes: ["repo", "admin"] }, false],
  ['allowed_parameters = { "scopes" = ["repo", "read:*"] }', { scopes: "repo, read:user" }, true],
  ['allowed_parameters = { "scopes" = ["repo"] }', { scopes: "repo,admin" }, false],
  ['allowed_parameters = { "scopes" = ["repo"] }', { scopes: [] }, true],
  ['allowed_parameters = { "scopes" = ["read:*"] }', { scopes: "read:user admin" }, false],
  ['allowed_parameters = { "scopes" = ["read:*"] }', { scopes: ["read:user admin"] }, false],
  ['allowed_parameters = { "scopes" = ["read:*"] }', { scopes: "read:user read:org" }, true],
  ['allowed_parameters = { "scopes" = [] }\nrequired_parameters = ["scopes"]', { scopes: " , " }, false],
  ['allowed_parameters = { "scopes" = [["a", "b"]] }', { scopes: ["a", "b"] }, true],
  ['allowed_parameters = { "scopes" = [["a", "b"]] }', { scopes: ["b", "a"] }, false],
  ['allowed_parameters = { "ttl" = [60, true] }', { ttl: 60 }, true],
  ['allowed_parameters = { "ttl" = [60, true] }', { ttl: "60" }, true],
  ['allowed_parameters = { "ttl" = [60, true] }', { ttl: true }, true],
  ['allowed_parameters = { "ttl" = ["60"] }', { ttl: 60 }, true],
  ['allowed_parameters = { "ttl" = [60] }', { ttl: 61 }, false],
  ['allowed_parameters = { "m" = [{ a = 1, b = ["x"] }] }', { m: { b: ["x"], a: 1 } }, true],
  ['allowed_parameters = { "m" = [{ a = 1 }] }', { m: { a: 1, b: 2 } }, false],
  ['allowed_parameters = { "m" = [{ a = 1 }] }', { m: null }, false],
  ['denied_parameters = { "*" = [] }', { a: 1 }, false],
  ['denied_parameters = { "*" = [] }', {}, true],
  ['denied_parameters = { "a" = [] }', { A: null }, false],
  ['denied_parameters = { "a" = ["x*"] }', { a: "xy", b: 1 }, false],
  ['denied_parameters = { "a" = ["x*"] }', { a: "y" }, true],
  ['denied_parameters = { "a" = ["x"] }', { a: ["y", "x"] }, false],
  ['denied_parameters = { "a" = ["x"] }', { a: "y, x" }, false],
  ['denied_parameters = { "a" = ["1"] }', { a: 1 }, false],
  ['denied_parameters = { "a" = ["x"] }\nallowed_parameters = { "a" = [] }', { a: "x" }, false],
  ['denied_parameters = { "policies" = ["admin"] }', { policies: ["ADMIN"] }, false],
  ['denied_parameters = { "policies" = ["admin"] }', { policies: "Admin" }, false],
  ['denied_parameters = { "audience" = ["a"], "audiences" = ["b"] }', { audiences: "a" }, false],
  ['denied_parameters = { "audience" = ["a"], "audiences" = ["b"] }', { audience: "b" }, false],
  ['allowed_parameters = { "resource" = ["a"], "*" = [] }', { resources: ["b"] }, false],
  ['denied_parameters = { "token_policies" = ["admin"] }', { policies: ["admin"] }, false],
  ['allowed_parameters = { "token_ttl" = ["60"], "*" = [] }', { ttl: "600" }, false],
  ['denied_parameters = { "policy" = [] }', { rules: "x" }, false],
  ['min_wrapping_ttl = "1m"', {}, false],
  ["max_wrapping_ttl = 90", {}, false],
];

for (const [rules, sent, permitted] of ROWS) {
  test(`6.3 parameters: ${rules} and ${JSON.stringify(sent)} is ${permitted ? "let through" : "refused"}`, () => {
    const acl = withRules(rules);
    assert.equal(acl.permits("update", "p", sent), permitted);
    assert.equal(acl.permits("read", "p", sent), permitted);
    if (!rules.includes("wrapping")) {
      assert.deepEqual([acl.permits("list", "p", sent), acl.permits("delete", "p", sent)], [true, true]);
    }
  });
}

test("6.3 the same path in two policies: maps of parameters merge, any value stays any, what is required adds up", () => {
  const one =
    'path "p" { capabilities = ["update"]\nallowed_parameters = { "a" = ["1"], "b" = [] }\nrequired_parameters = ["a"] }';
  const two =
    'path "p" { capabilities = ["read"]\nallowed_parameters = { "a" = ["2"], "b" = ["x"] }\nrequired_parameters = ["b"] }';
  const acl = aclOf(one, two);
  for (const a of ["1", "2"]) assert.equal(acl.permits("update", "p", { a, b: "any" }), true);
  assert.equal(acl.permits("read", "p", { a: "3", b: "" }), false);
  assert.equal(acl.permits("read", "p", { a: "1" }), false);
});
