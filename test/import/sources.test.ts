import assert from "node:assert/strict";
import { test } from "node:test";
import { together } from "../../src/import/found.ts";
import { fromGh } from "../../src/import/gh.ts";
import { fromGitCredentialManager } from "../../src/import/git-credential-manager.ts";
import { fromGitCredentialOauth } from "../../src/import/git-credential-oauth.ts";
import { fromMcpRemote } from "../../src/import/mcp-remote.ts";
import { fromMytoken } from "../../src/import/mytoken.ts";
import { fromOauthapp } from "../../src/import/oauthapp.ts";
import { accountsOf, fromOidcAgent } from "../../src/import/oidc-agent.ts";

/** As `git config --null --get-regexp` lists them. */
function listed(entries: Readonly<Record<string, string>>): string {
  return Object.entries(entries)
    .map(([key, value]) => `credential.${key}\n${value}\0`)
    .join("");
}

test("oauthapp: servers without their secrets, unless they are given; logins stay, with the line that begins anew", () => {
  const found = fromOauthapp({
    mount: "teams/oauth2",
    servers: {
      gh: { provider: "github", client_id: "ID", provider_options: {}, auth_url_params: { login: "x" } },
      corp: { provider: "oidc", client_id: "C", provider_options: { issuer_url: "https://id.example" } },
      odd: {},
    },
    creds: { "team/bot": { server: "gh", access_token: "never looked at" }, failed: {} },
    self: { job: { server: "corp", scopes: ["a", "b"] } },
    secrets: { corp: "hush" },
  });
  assert.deepEqual(
    found.servers.map(({ name, record }) => [name, record]),
    [
      ["gh", { provider: "github", client_id: "ID", auth_url_params: { login: "x" } }],
      [
        "corp",
        {
          provider: "oidc",
          client_id: "C",
          client_secret: "hush",
          provider_options: { issuer_url: "https://id.example" },
        },
      ],
    ],
  );
  assert.deepEqual(
    found.servers.map(({ note }) => note?.includes("--client-secret gh=@FILE")),
    [true, undefined],
  );
  const device = "grant_type=urn:ietf:params:oauth:grant-type:device_code";
  assert.deepEqual(
    found.left.map(({ what, next }) => [what, next.join(" ")]),
    [
      ["teams/oauth2/creds/team/bot", `coatcheck write oauth2/creds/team/bot server=gh ${device}`],
      ["teams/oauth2/creds/failed", `coatcheck write oauth2/creds/failed server=SERVER ${device}`],
      ["teams/oauth2/self/job", "coatcheck write oauth2/self/job server=corp scopes=a,b"],
    ],
  );
});

test("mytoken: its providers are told, and that nothing of them can be taken", () => {
  const found = fromMytoken(
    JSON.stringify({ providers_supported: [{ issuer: "https://id.example/o" }, { issuer: 1 }, null] }),
  );
  assert.deepEqual([found.servers, found.logins], [[], []]);
  assert.deepEqual(
    found.left.map(({ next }) => next.join(" ")),
    ["coatcheck server add id.example --provider oidc --option issuer_url=https://id.example/o --client-id ID"],
  );
  assert.throws(() => fromMytoken("<html>hush</html>"), {
    name: "SourceError",
    message: /^(?!.*hush).*no JSON object$/,
  });
});

test("oidc-agent: an account with its client and grant; one with a mytoken, one without a token; encrypted files by name", () => {
  const account = {
    name: "egi",
    issuer_url: "https://aai.example/",
    client_id: "C",
    client_secret: "S",
    refresh_token: "R",
    scope: "openid offline_access",
    device_authorization_endpoint: "https://aai.example/device",
  };
  const of = (more: object) => fromOidcAgent(JSON.stringify({ ...account, ...more }));
  assert.deepEqual(of({}), {
    servers: [
      {
        name: "egi",
        record: {
          provider: "oidc",
          client_id: "C",
          client_secret: "S",
          provider_options: {
            issuer_url: "https://aai.example/",
            device_authorization_endpoint: "https://aai.example/device",
          },
        },
        scopes: ["openid", "offline_access"],
      },
    ],
    logins: [{ name: "egi", server: "egi", refreshToken: "R" }],
    left: [],
  });
  assert.deepEqual(of({ refresh_token: "" }).left[0]?.next, ["coatcheck", "login", "egi"]);
  const mytoken = of({ mytoken_url: "https://mytoken.example" });
  assert.deepEqual(
    [mytoken.servers, mytoken.logins, mytoken.left[0]?.next.at(-1)],
    [[], [], "https://mytoken.example"],
  );
  assert.throws(() => fromOidcAgent('{"refresh_token":"R"}'), /no account of oidc-agent/);
  const { left } = accountsOf(["egi", "issuer.config", "a'b", "x.clientconfig"]);
  assert.deepEqual(
    left.map(({ from }) => from?.at(-1)),
    ["a'b", "egi"],
  );
});

test("git-credential-oauth: the clients of git's configuration, with endpoints or at a host that says what it is", () => {
  const config = listed({
    "https://gitlab.example.com.oauthclientid": "G",
    "https://git.example.org:8443.oauthclientid": "X",
    "https://git.example.org:8443.oauthclientsecret": "S\nwith a line",
    "https://git.example.org:8443.oauthscopes": "read write",
    "https://git.example.org:8443.oauthauthurl": "/auth",
    "https://git.example.org:8443.oauthtokenurl": "/token",
    "https://git.example.org:8443.oauthdeviceauthurl": "https://id.example.org/device",
    "https://other.example.oauthclientid": "O",
    "https://none.example.oauthscopes": "x",
  });
  const { servers, left } = fromGitCredentialOauth(config);
  assert.deepEqual(
    servers.map(({ name, record, scopes }) => [name, record, scopes]),
    [
      [
        "gitlab.example.com",
        { provider: "gitlab", provider_options: { base_url: "https://gitlab.example.com" }, client_id: "G" },
        undefined,
      ],
      [
        "git.example.org:8443",
        {
          provider: "custom",
          provider_options: {
            token_url: "https://git.example.org:8443/token",
            auth_code_url: "https://git.example.org:8443/auth",
            device_code_url: "https://id.example.org/device",
          },
          client_id: "X",
          client_secret: "S\nwith a line",
        },
        ["read", "write"],
      ],
    ],
  );
  assert.deepEqual(
    left.map(({ what, next }) => [what, next[3]]),
    [["other.example", "other.example"]],
  );
});

test("git-credential-oauth: the refresh token that git credential fill shows, of a client that is one's own and of one that is not", () => {
  const config = listed({ "https://gitlab.com.oauthclientid": "G" });
  const filled = (host: string) => `protocol=https\nhost=${host}\nusername=u\npassword=p=q\noauth_refresh_token=R=1\n`;
  const own = fromGitCredentialOauth(config, filled("gitlab.com"));
  assert.deepEqual(own.logins, [{ name: "gitlab", server: "gitlab", refreshToken: "R=1" }]);
  const foreign = fromGitCredentialOauth(config, filled("codeberg.org"));
  assert.deepEqual([foreign.servers, foreign.logins], [[], []]);
  assert.match(foreign.left[0]?.why ?? "", /client that git-credential-oauth brings along/);
  assert.equal(foreign.left[0]?.next.join(" "), "coatcheck server add codeberg --provider codeberg --client-id ID");
  const none = fromGitCredentialOauth(config, "protocol=https\nhost=gitlab.com\npassword=p\n");
  assert.deepEqual([none.logins, none.left[0]?.next], [[], ["coatcheck", "login", "gitlab"]]);
  assert.throws(() => fromGitCredentialOauth(config, "R=1"), { name: "SourceError", message: /^(?!.*R=1).*no host$/ });
});

test("GCM: its own names for the endpoints, and that its tokens stay in the system's store", () => {
  const { servers, logins, left } = fromGitCredentialManager(
    listed({
      "example.com.oauthclientid": "C",
      "example.com.oauthauthorizeendpoint": "/login/oauth/authorize",
      "example.com.oauthtokenendpoint": "/login/oauth/token",
      "example.com.oauthuseclientauthheader": "false",
    }),
  );
  assert.deepEqual(servers[0]?.record, {
    provider: "custom",
    provider_options: {
      token_url: "https://example.com/login/oauth/token",
      auth_code_url: "https://example.com/login/oauth/authorize",
      auth_style: "in_params",
    },
    client_id: "C",
  });
  assert.deepEqual([logins, left[0]?.next], [[], ["coatcheck", "login", "example.com"]]);
});

test("gh: each login with the line that registers an application of one's own; nothing of its token", () => {
  const hosts = [
    "github.com:",
    "    users:",
    "        octocat:",
    "            oauth_token: gho_hush",
    "    oauth_token: gho_hush",
    "    user: octocat",
    '"ghe.example.com":',
    "    user: mona",
    "",
  ];
  const found = fromGh(hosts.join("\n"));
  assert.ok(!JSON.stringify(found).includes("gho_"));
  assert.deepEqual([found.servers, found.logins], [[], []]);
  assert.deepEqual(
    found.left.map(({ what, next }) => [what, next.join(" ")]),
    [
      ["login of octocat at github.com", "coatcheck server add github --provider github --client-id ID"],
      [
        "login of mona at ghe.example.com",
        "coatcheck server add ghe.example.com --provider github --option base_url=https://ghe.example.com --client-id ID",
      ],
    ],
  );
});

test("mcp-remote: the client it registered and its grant; without either, what is missing", () => {
  const files = {
    url: "https://mcp.example.com/mcp",
    issuer: "https://auth.example.com",
    clientInfo: JSON.stringify({
      client_id: "C",
      token_endpoint_auth_method: "none",
      issuer: "https://auth.example.com/",
    }),
  };
  const tokens = JSON.stringify({ access_token: "A", refresh_token: "R", scope: "a b" });
  const { servers, logins, left } = fromMcpRemote({ ...files, tokens });
  assert.deepEqual(
    [servers[0]?.record, servers[0]?.scopes],
    [
      {
        provider: "mcp",
        client_id: "C",
        token_endpoint_auth_method: "none",
        provider_options: { url: "https://mcp.example.com/mcp", issuer: "https://auth.example.com" },
      },
      ["a", "b"],
    ],
  );
  assert.deepEqual(
    [logins, left],
    [[{ name: "mcp.example.com-mcp", server: "mcp.example.com-mcp", refreshToken: "R" }], []],
  );
  const fresh = fromMcpRemote(files);
  assert.deepEqual([fresh.servers.length, fresh.logins, fresh.left[0]?.why], [1, [], "it has no refresh token"]);
  const without = fromMcpRemote({ ...files, clientInfo: "{}", tokens });
  assert.deepEqual([without.servers, without.logins, without.left.length], [[], [], 1]);
});

test("mcp-remote: a refresh token goes to the authorization server that gave it, by its files or by its person, and to no other", () => {
  const files = { url: "https://mcp.example.com/mcp", issuer: "https://evil.example" };
  const client = (issuer?: string) => JSON.stringify({ client_id: "C", client_secret: "S", issuer });
  const tokens = (issuer?: string) => JSON.stringify({ refresh_token: "R", issuer });
  const cases = [
    [
      client("https://auth.example.com"),
      tokens(),
      false,
      /^mcp-remote has it from https:\/\/auth\.example\.com, and the server names https:\/\/evil/,
    ],
    [client(), tokens("https://auth.example.com"), true, /^mcp-remote has it from .*, and --issuer names/],
    [client(), tokens(), false, /^its files do not say who gave it; the server names https:\/\/evil\.example now/],
  ] as const;
  for (const [clientInfo, given, isGiven, why] of cases) {
    const { servers, logins, left } = fromMcpRemote({ ...files, clientInfo, tokens: given, isGiven });
    assert.deepEqual([servers, logins, left.length], [[], [], 1]);
    assert.match(left[0]?.why ?? "", why);
  }
  const said = fromMcpRemote({ ...files, clientInfo: client(), tokens: tokens(), isGiven: true });
  assert.deepEqual([said.servers.length, said.logins.length], [1, 1]);
});

test("what several sources have is put together in their order", () => {
  const left = (what: string) => ({ servers: [], logins: [], left: [{ what, why: "", next: [] }] });
  assert.deepEqual(
    together([left("a"), left("b")]).left.map(({ what }) => what),
    ["a", "b"],
  );
});
