import assert from "node:assert/strict";
import { test } from "node:test";
import { checkServerOptions, findProvider } from "../../src/providers/index.ts";

function check(id: string, options: Record<string, string>, allowHttp = false): string | undefined {
  const provider = findProvider(id);
  assert.ok(provider, id);
  return checkServerOptions(provider, options, { allowHttp });
}

const TOKEN = { token_url: "https://as.example/token" };
const ISSUER = { issuer_url: "https://as.example" };

test("oauthapp 9: the error text of every option", () => {
  const rows: readonly (readonly [string, Record<string, string>, string])[] = [
    ["bitbucket", { base_url: "https://a.example" }, "options provided but none accepted"],
    ["github", { tenant: "x" }, 'option "tenant": not accepted by this provider'],
    ["github", { constructor: "x" }, 'option "constructor": not accepted by this provider'],
    ["custom", {}, 'option "token_url": token URL is required'],
    ["custom", { token_url: "" }, 'option "token_url": token URL is required'],
    [
      "custom",
      { ...TOKEN, auth_style: "a" },
      'option "auth_style": unknown authentication style; expected one of "in_header" or "in_params"',
    ],
    ["oidc", {}, 'option "issuer_url": issuer URL is required'],
    [
      "oidc",
      { ...ISSUER, extra_data_fields: "id_token,a" },
      'option "extra_data_fields": unknown extra data field "a"',
    ],
    ["google", { extra_data_fields: "a" }, 'option "extra_data_fields": unknown extra data field "a"'],
    ["oidc", { ...ISSUER, registration: "static" }, 'option "registration": expected one of "dynamic" or "renew"'],
    ["slack", { token: "app" }, 'option "token": expected one of "bot" or "user"'],
    ...["grace", "grace:", "grace:0", "grace:1.5", "grace:99999999", "Strict", "toString"].map(
      (rotation) =>
        [
          "oidc",
          { ...ISSUER, rotation },
          'option "rotation": expected one of "none", "reusable", "until-successor-used", "strict" or "grace:SECONDS"',
        ] as const,
    ),
  ];
  for (const [id, options, text] of rows) assert.equal(check(id, options), text);
});

test("oauthapp 9: what each provider accepts", () => {
  const rows: readonly (readonly [string, Record<string, string>])[] = [
    ["bitbucket", {}],
    ["github", {}],
    ["github", { base_url: "https://ghe.example" }],
    ["gitlab", { base_url: "https://gitlab.example/sub" }],
    ["google", { extra_data_fields: "id_token, id_token_claims,user_info" }],
    ["microsoft_azure_ad", { tenant: "contoso.example" }],
    ["slack", { token: "user" }],
    ["oidc", { ...ISSUER, extra_data_fields: "user_info", registration: "dynamic" }],
    ["custom", { ...TOKEN, auth_style: "in_header", scope_separator: ",", issuer: "https://as.example" }],
    ["custom", { token_url: "https://as.example/token?tenant=1" }],
    ["custom", { ...TOKEN, rotation: "until-successor-used" }],
    ["oidc", { ...ISSUER, rotation: "grace:600" }],
  ];
  for (const [id, options] of rows) assert.equal(check(id, options), undefined, `${id} ${JSON.stringify(options)}`);
});

test("oauthapp 3: every URL option is absolute https without user information and fragment", () => {
  const bad = [
    "/token",
    "as.example",
    "http://as.example",
    "https:as.example",
    "https://u@as.example",
    "https://:p@h/",
  ];
  const worse = [
    "https://as.example/#f",
    "https://as.example#",
    "https://",
    " https://as.example",
    "javascript:alert(1)",
  ];
  const urls = { custom: "auth_code_url token_url device_code_url revocation_url issuer", github: "base_url" };
  for (const [id, names] of Object.entries({ ...urls, gitlab: "base_url", oidc: "issuer_url" })) {
    for (const name of names.split(" ")) {
      for (const url of [...bad, ...worse]) {
        const options = { ...(id === "custom" && TOKEN), [name]: url };
        assert.equal(check(id, options), `option "${name}": must be an https URL`, url);
      }
    }
  }
});

test("oauthapp 3: http goes to loopback hosts only, and only where the process allows it", () => {
  for (const host of ["localhost:8080", "127.0.0.1", "127.1.2.3:1", "[::1]:9"]) {
    assert.equal(check("custom", { token_url: `http://${host}/t` }, true), undefined, host);
    assert.notEqual(check("custom", { token_url: `http://${host}/t` }, false), undefined, host);
  }
  for (const host of ["as.example", "127.0.0.1.example", "localhost.example", "10.0.0.1", "[::2]"]) {
    const problem = 'option "token_url": must be an https URL';
    assert.equal(check("custom", { token_url: `http://${host}/t` }, true), problem, host);
  }
});
