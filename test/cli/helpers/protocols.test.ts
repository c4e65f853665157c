import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decodeJwt } from "jose";
import { startHelpers } from "./helper.ts";

const TABLE = (protocol: string, key: string) => ({
  credentials: { [protocol]: { [key]: "corp", "dead.example": "nobody" } },
});
const TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ";

test("kubectl: one ExecCredential in the version of the question", async (t) => {
  const { ask, token } = await startHelpers(t, {});
  const current = await token();
  const info = (version: string) => ({
    KUBERNETES_EXEC_INFO: JSON.stringify({
      apiVersion: `client.authentication.k8s.io/${version}`,
      kind: "ExecCredential",
      spec: { interactive: false },
    }),
  });
  for (const [env, version] of [
    [info("v1"), "v1"],
    [info("v1beta1"), "v1beta1"],
    [{}, "v1"],
  ] as const) {
    const { code, out } = await ask(["kubectl", "corp"], "", env as Record<string, string>);
    assert.equal(code, 0);
    assert.match(
      out,
      new RegExp(
        `^\\{"apiVersion":"client.authentication.k8s.io/${version}","kind":"ExecCredential","status":\\{"token":"${current}","expirationTimestamp":"${TIME}"\\}\\}\n$`,
      ),
    );
  }
  assert.deepEqual(await ask(["kubectl", "nobody"]), {
    code: 1,
    out: "",
    err: 'coatcheck: there is no login "nobody"; run: coatcheck login nobody\n',
  });
});

test("docker: get, store, erase, list, version", async (t) => {
  const { ask, token } = await startHelpers(t, TABLE("docker", "registry.example"));
  const current = await token();
  for (const address of ["registry.example", "https://registry.example/v2/"]) {
    assert.deepEqual(
      (await ask(["docker", "get"], `${address}\n`)).out,
      `{"ServerURL":"${address}","Username":"oauth2accesstoken","Secret":"${current}"}\n`,
    );
  }
  assert.deepEqual(await ask(["docker", "get"], "other.example"), {
    code: 1,
    out: "credentials not found in native keychain\n",
    err: "",
  });
  assert.equal((await ask(["docker", "get"], "dead.example")).code, 1);
  const stored = await ask(["docker", "store"], '{"ServerURL":"registry.example","Username":"u","Secret":"s"}');
  assert.deepEqual([stored.code, stored.out], [0, ""]);
  assert.equal(
    (await ask(["docker", "list"])).out,
    '{"registry.example":"oauth2accesstoken","dead.example":"oauth2accesstoken"}\n',
  );
  assert.match((await ask(["docker", "version"])).out, /coatcheck.*\d+\.\d+\.\d+/);
  assert.equal((await ask(["docker", "erase"], "registry.example")).code, 0);
  assert.notEqual(await token(), current);
});

test("cargo: speaks first, answers line by line", async (t) => {
  const { ask, token, person } = await startHelpers(t, TABLE("cargo", "corp"));
  assert.equal((await person.run(["setup", "cargo", "plain", "corp", "--no-bearer"])).code, 0);
  const current = await token();
  const registry = (name: string, headers: string[] = []) => ({
    "index-url": `sparse+https://${name}.example/`,
    name,
    headers,
  });
  const request = (more: object) => `${JSON.stringify({ v: 1, operation: "read", args: [], ...more })}\n`;
  const { code, out } = await ask(
    ["cargo", "--cargo-plugin"],
    [
      request({ kind: "get", registry: registry("corp", ["WWW-Authenticate: Bearer realm=x"]) }),
      request({ kind: "get", registry: registry("corp") }),
      request({ kind: "get", registry: registry("plain") }),
      request({ kind: "get", registry: registry("other") }),
      request({ kind: "dance", registry: registry("corp") }),
    ].join(""),
  );
  assert.equal(code, 0);
  const [hello, bearer, unchallenged, bare, other, unknown] = out.trimEnd().split("\n");
  assert.equal(hello, '{"v":[1]}');
  const ok = (value: string) =>
    new RegExp(
      `^\\{"Ok":\\{"kind":"get","token":"${value}","cache":"expires","expiration":\\d{10},"operation_independent":true\\}\\}$`,
    );
  assert.match(bearer ?? "", ok(`Bearer ${current}`));
  assert.match(unchallenged ?? "", ok(`Bearer ${current}`));
  assert.match(bare ?? "", ok(current));
  assert.equal(other, '{"Err":{"kind":"url-not-supported"}}');
  assert.equal(unknown, '{"Err":{"kind":"operation-not-supported"}}');
});

test("FC-61 cargo logout: cargo forgets the login, and nobody else; one that is gone is not found", async (t) => {
  const { ask, token } = await startHelpers(t, TABLE("cargo", "corp"));
  const line = (kind: string, name = "corp") =>
    `${JSON.stringify({ v: 1, kind, registry: { "index-url": "x", name }, args: [] })}\n`;
  const current = await token();
  const { out, err } = await ask(["cargo"], line("logout") + line("get") + line("get", "dead.example"));
  assert.deepEqual(out.trimEnd().split("\n").slice(1), [
    '{"Ok":{"kind":"logout"}}',
    '{"Err":{"kind":"url-not-supported"}}',
    '{"Err":{"kind":"not-found"}}',
  ]);
  assert.equal(
    err,
    'coatcheck: cargo no longer uses the login "corp" for corp, and the login stays; to use it again: coatcheck setup cargo corp corp; to sign out: coatcheck logout corp\n',
  );
  assert.equal(await token(), current);
});

test("bazel: headers and their end; nothing for other hosts or http", async (t) => {
  const { ask, token } = await startHelpers(t, TABLE("bazel", "cache.example"));
  const { out } = await ask(["bazel", "get"], '{"uri":"https://cache.example/a","future":1}');
  assert.match(
    out,
    new RegExp(`^\\{"headers":\\{"Authorization":\\["Bearer ${await token()}"\\]\\},"expires":"${TIME}"\\}\n$`),
  );
  for (const uri of ["https://other.example/", "http://cache.example/"]) {
    assert.deepEqual(await ask(["bazel", "get"], JSON.stringify({ uri })), {
      code: 0,
      out: '{"headers":{}}\n',
      err: "",
    });
  }
  assert.equal((await ask(["bazel", "get"], "nonsense")).code, 1);
});

test("FC-61 terraform: get, store, forget, which ends the login for terraform alone", async (t) => {
  const { credentials } = TABLE("terraform", "app.example");
  const { ask, token } = await startHelpers(t, {
    credentials: { ...credentials, docker: { "registry.example": "corp" } },
  });
  assert.equal((await ask(["terraform", "get", "app.example"])).out, `{"token":"${await token()}"}\n`);
  assert.deepEqual(await ask(["terraform", "get", "other.example"]), { code: 0, out: "{}\n", err: "" });
  assert.equal((await ask(["terraform", "store", "app.example"], '{"token":"x"}')).code, 1);
  const { code, err } = await ask(["terraform", "forget", "app.example"]);
  assert.equal(code, 0);
  assert.match(err, /the login stays; to use it again: coatcheck setup terraform app\.example corp; to sign out:/);
  assert.equal((await ask(["terraform", "get", "app.example"])).out, "{}\n");
  assert.deepEqual(await ask(["terraform", "forget", "app.example"]), { code: 0, out: "", err: "" });
  assert.equal((await ask(["docker", "get"], "registry.example")).code, 0, "the login of the others is there");
});

test("go: prefixes and headers; after a refusal another token for that host", async (t) => {
  const { ask, token } = await startHelpers(t, { credentials: { go: { "go.corp.example": "corp" } } });
  const current = await token();
  assert.equal((await ask(["go"])).out, `https://go.corp.example/\n\nAuthorization: Bearer ${current}\n\n`);
  const again = await ask(["go", "https://go.corp.example/mod/@v/list"], "HTTP/1.1 401 Unauthorized\r\n\r\n");
  const next = await token();
  assert.notEqual(next, current);
  assert.equal(again.out, `https://go.corp.example/\n\nAuthorization: Bearer ${next}\n\n`);
  const missing = await ask(["go", "https://go.corp.example/mod/@v/v9.info"], "HTTP/1.1 404 Not Found\r\n\r\n");
  assert.equal(missing.out, again.out, "what is not there says nothing against the token");
  assert.deepEqual(await ask(["go", "https://other.example/"], "HTTP/1.1 401 no\r\n\r\n"), {
    code: 0,
    out: "",
    err: "",
  });
});

test("google: the id_token and its end, also into the file; a failure is an object too", async (t) => {
  const { ask, token, person } = await startHelpers(t, {});
  const env = { GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: "1" };
  const file = join(person.home, "token.json");
  const { out, code } = await ask(["google", "corp"], "", { ...env, GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE: file });
  assert.equal(code, 0, out);
  const { id_token, expiration_time, ...rest } = JSON.parse(out);
  assert.deepEqual(rest, { version: 1, success: true, token_type: "urn:ietf:params:oauth:token-type:id_token" });
  // The broker's clock is six seconds ahead since the login.
  assert.ok(Math.abs((decodeJwt(id_token).exp ?? 0) - expiration_time) <= 8, "its own end");
  assert.notEqual(id_token, await token());
  assert.equal(readFileSync(file, "utf8"), out);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(JSON.parse((await ask(["google", "nobody"], "", env)).out), {
    version: 1,
    success: false,
    code: "4",
    message: 'there is no login "nobody": coatcheck login nobody',
  });
  assert.match((await ask(["google", "corp"])).out, /"success":false.*ALLOW_EXECUTABLES/);
});

test("a protocol that does not exist, and the help", async (t) => {
  const { ask } = await startHelpers(t, {});
  assert.equal((await ask(["smoke-signals"])).code, 2);
  assert.match((await ask(["-h"])).out, /^Examples:/);
});
