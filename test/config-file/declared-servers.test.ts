import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { mistakeLine, readConfigFile } from "../../src/config-file/read.ts";
import { empty } from "../servers/faults.ts";
import { startServer } from "../servers/watched.ts";
import { type Coatcheck, startCoatcheck } from "../support/coatcheck.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function declaring(t: TestContext) {
  const folder = temporaryFolder(t);
  const file = join(folder, "serve.json");
  writeFileSync(join(folder, "secret"), "hush\n");
  return {
    file,
    declare: (servers: object) => writeFileSync(file, JSON.stringify({ servers })),
    write: (name: string, text: string) => writeFileSync(join(folder, name), text),
  };
}

/** What the log says of servers, since the broker's start. */
function told({ logged }: Pick<Coatcheck, "logged">): readonly string[] {
  const lines = logged.map((line) => JSON.parse(line));
  return lines
    .filter(({ event }) => event.includes("declared"))
    .map(({ event, server, action, changes, reason }) => [event, server, action, changes, reason].join(" ").trim());
}

test("declared servers are written at the start; the same is not written again, and what fell out of the file stays", async (t) => {
  const as = await startServer(t);
  const { file, declare, write } = declaring(t);
  const options = { issuer_url: as.issuer };
  const op = { provider: "oidc", client_id: "client", client_secret_file: "secret", provider_options: options };
  const own = { provider: "oidc", provider_options: { ...options, registration: "dynamic" }, allow_sessions: true };
  declare({ op, own });
  const first = await startCoatcheck(t, { file });
  await eventually("both are there", () => told(first).length === 2);
  assert.deepEqual(told(first), ["server_declared op create", "server_declared own create"]);
  assert.equal((await first.read("oauth2/servers/own")).body?.data?.client_id, "registered-client");
  assert.equal(as.to("/register").length, 1);
  const refresh_token = as.tokens.grant();
  assert.equal((await first.write("oauth2/creds/me", { server: "op", refresh_token })).status, 204);

  const asked = as.requests.length;
  const again = await first.restart(() => declare({ own, op }));
  await eventually("it has looked", async () => (await again.read("oauth2/creds/me")).status === 200);
  assert.deepEqual([told(again), as.requests.length - asked], [[], 0], "nobody was asked");

  const changed = await again.restart(() => {
    write("secret", "other\n");
    declare({ op: { ...op, default_expiry_seconds: 5 } });
  });
  await eventually("it is written", () => told(changed).length === 2);
  assert.deepEqual(told(changed).toSorted(), [
    "server_declared op change client_secret default_expiry_seconds",
    "server_undeclared own",
  ]);
  assert.equal((await changed.read("oauth2/servers/own")).status, 200);

  const plan = async (body: object) => (await changed.write("oauth2/plan/servers/op", body)).body?.data;
  const wire = { provider: "oidc", client_id: "client", client_secret: "other", provider_options: options };
  assert.deepEqual(await plan({ ...wire, default_expiry_seconds: 5 }), { action: "same", changes: [] });
  const more = { ...wire, provider: "custom", token_endpoint_auth_method: "client_secret_post", allow_sessions: true };
  assert.deepEqual((await plan(more))?.changes, [
    "provider",
    "token_endpoint_auth_method",
    "default_expiry_seconds",
    "allow_sessions",
  ]);
  assert.deepEqual((await changed.read("oauth2/plan/servers/op")).body?.data, { credentials: 1, sessions: 0 });
  assert.equal((await changed.read("oauth2/plan/servers/none")).status, 404);
  assert.ok(![...first.logged, ...changed.logged].some((line) => /hush|other/.test(line)));
});

test("a provider that is down keeps no broker from starting: what it declares is written when it answers", async (t) => {
  const as = await startServer(t);
  const { file, declare } = declaring(t);
  declare({ op: { provider: "oidc", client_id: "client", provider_options: { issuer_url: as.issuer } } });
  as.reply("/.well-known/openid-configuration", empty(503));
  const broker = await startCoatcheck(t, { file });
  await eventually("it was tried", () => told(broker).length === 1);
  assert.deepEqual(told(broker), ["declared_server_waits op   temporarily_unavailable"]);
  as.behave();
  await broker.passUntil("it is written", () => told(broker).length === 2, 61_000);
  assert.equal(told(broker)[1], "server_declared op create");
});

test("what is wrong with declared servers is said with its place, and no secret stands in a file", (t) => {
  const { file } = declaring(t);
  writeFileSync(
    file,
    `{ "servers": {
  "a": { "provider": "gihtub", "client_id": "x" },
  "b": { "provider": "github", "client_id": 5, "client_secret": "hush", "provider_options": { "isuer": "x" } },
  "c": {},
  "../d": { "provider": "oidc", "client_id": "x", "alow_sessions": true,
    "provider_options": { "issuer_url": "https://x.example", "registration": "renew" } },
  "e": 1,
  "f": { "provider": "github", "client_secret_file": "x" }
} }`,
  );
  const { mistakes } = readConfigFile(file);
  assert.deepEqual(
    mistakes.map((one) => mistakeLine("", one)),
    [
      ':2:22: provider "gihtub" does not exist (did you mean github?)',
      ':3:45: "client_id" must be a text',
      ':3:48: "client_secret" is a secret, which must not stand in this file: write it into a file of its own, and name that with "client_secret_file"',
      ':3:95: option "isuer": not accepted by this provider',
      ':4:3: it names no "provider" (docs/providers.md)',
      ':5:3: "../d" cannot be the name of a server',
      ':5:51: "alow_sessions" is not known (did you mean allow_sessions?)',
      ':6:62: option "registration": "renew" is an order for one write; declare "dynamic"',
      ':7:8: the server "e" must be an object',
      ':8:3: it names no "client_id"',
    ],
  );
  writeFileSync(
    file,
    '{ "servers": { "a": { "provider": "github", "client_id": "x", "client_secret_file": "none" } } }',
  );
  assert.deepEqual(readConfigFile(file).mistakes, []);
});
