import assert from "node:assert/strict";
import test from "node:test";
import vault from "node-vault";
import { startReal } from "./start-real.ts";

interface Rejection {
  readonly message: string;
  readonly response?: { readonly statusCode: number };
}

test("10.2 node-vault, unmodified, writes, reads, lists and deletes with the root token", async (t) => {
  const { address, token } = await startReal(t);
  const client = vault({ endpoint: address, token });
  await client.write("oauth2/servers/gh", { provider: "github", client_id: "abc", client_secret: "s3cret" });
  const server = await client.read("oauth2/servers/gh");
  assert.equal(server.data.client_id, "abc");
  assert.doesNotMatch(JSON.stringify(server), /s3cret/);
  assert.deepEqual((await client.list("oauth2/servers")).data.keys, ["gh"]);

  const link = await client.write("oauth2/auth-code-url", { server: "gh", name: "team/alice", scopes: "repo,user" });
  assert.match(link.data.url, /^https:\/\/github\.com\/login\/oauth\/authorize\?/);
  assert.deepEqual((await client.list("oauth2/creds/team")).data.keys, ["alice"]);
  assert.equal((await client.list("oauth2/creds")).data.key_info["team/alice"].status, "pending");
  await assert.rejects(client.read("oauth2/creds/team/alice"), ({ message, response }: Rejection) => {
    return message === "token pending issuance" && response?.statusCode === 503;
  });
  await client.delete("oauth2/creds/team/alice");
  await assert.rejects(
    client.read("oauth2/creds/team/alice"),
    ({ response }: Rejection) => response?.statusCode === 404,
  );

  await client.delete("oauth2/servers/gh");
  await assert.rejects(client.read("oauth2/servers/gh"), ({ response }: Rejection) => response?.statusCode === 404);
});

test("3, 5 node-vault asks for health, seal status and its own token", async (t) => {
  const { address, token } = await startReal(t);
  const client = vault({ endpoint: address, token });
  assert.equal((await client.health()).initialized, true);
  assert.equal((await client.status()).sealed, false);
  assert.deepEqual((await client.tokenLookupSelf()).data.policies, ["root"]);
});

test("C1, C2 a config never written is nothing; one field written reads back with defaults", async (t) => {
  const { address, token } = await startReal(t);
  const client = vault({ endpoint: address, token });
  await assert.rejects(client.read("oauth2/config"), ({ response }: Rejection) => response?.statusCode === 404);
  await client.write("oauth2/config", { tune_refresh_check_interval_seconds: "2m" });
  const { data } = await client.read("oauth2/config");
  assert.equal(Object.keys(data).length, 24);
  assert.equal(data.tune_refresh_check_interval_seconds, 120);
  assert.equal(data.tune_provider_timeout_seconds, 30);
  await client.delete("oauth2/config");
  await assert.rejects(client.read("oauth2/config"), ({ response }: Rejection) => response?.statusCode === 404);
});
