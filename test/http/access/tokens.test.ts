import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import vault from "node-vault";
import { renewRootToken } from "../../../src/compose/root-token.ts";
import { startCoatcheck } from "../../support/coatcheck.ts";
import { importGrant, startPair } from "../../support/misbehaving.ts";
import { ROOT_TOKEN } from "../../support/request.ts";
import { call, child, policy } from "./stage.ts";

const READS_CI = 'path "oauth2/creds/ci" { capabilities = ["read"] }';
const MAKES = 'path "auth/token/*" { capabilities = ["update"] }';

test("5 a CI job reads one credential and nothing else", async (t) => {
  const pair = await startPair(t);
  await importGrant(pair, "ci");
  await importGrant(pair, "other");
  await policy(pair, "ci", READS_CI);
  const { client_token: token, policies, lease_duration } = await child(pair, { policies: ["ci"], ttl: "1h" });
  assert.deepEqual([policies, lease_duration], [["ci", "default"], 3600]);
  for (let times = 0; times < 3; times++) {
    assert.equal((await call(pair, token, "GET", "oauth2/creds/ci")).status, 200);
    const denied = [
      ["GET", "oauth2/creds/other"],
      ["PUT", "oauth2/creds/ci"],
      ["DELETE", "oauth2/creds/ci"],
      ["GET", "oauth2/creds?list=true"],
      ["GET", "sys/policies/acl/ci"],
      ["POST", "auth/token/create"],
      ["GET", "sys/mounts"],
      ["GET", "nowhere/at/all"],
      ["GET", "/sessions"],
      ["POST", "/sessions"],
    ] as const;
    for (const [method, path] of denied) {
      const { status, errors, data } = await call(pair, token, method, path, method === "GET" ? undefined : {});
      assert.equal(status, 403, `${method} ${path}`);
      assert.deepEqual([...errors, data.error_description].filter(Boolean), ["permission denied"], path);
    }
  }
  const seen = await call(pair, token, "GET", "sys/internal/ui/mounts/oauth2/creds/ci");
  assert.equal(seen.data.path, "oauth2/");
  assert.equal((await call(pair, token, "GET", "auth/token/lookup-self")).data.display_name, "token");
  const can = await call(pair, token, "POST", "sys/capabilities-self", { paths: ["oauth2/creds/ci", "oauth2/config"] });
  assert.deepEqual(can.data, { "oauth2/creds/ci": ["read"], "oauth2/config": ["deny"] });
  // What a policy says is changed for tokens that are there already.
  await policy(pair, "ci", 'path "oauth2/creds/other" { capabilities = ["read"] }');
  assert.equal((await call(pair, token, "GET", "oauth2/creds/ci")).status, 403);
  assert.equal((await call(pair, token, "GET", "oauth2/creds/other")).status, 200);
});

test("5 a token is kept as its hash alone, and in no log line", async (t) => {
  const broker = await startCoatcheck(t);
  const { client_token: token, accessor } = await child(broker, { policies: ["default"], meta: { who: "me" } });
  assert.match(token, /^hvs\.[\w-]{43}$/);
  assert.match(accessor, /^\w[\w-]{21}$/);
  const files = ["", "-wal"].map((end) => readFileSync(join(broker.data, `coatcheck.db${end}`), "latin1")).join("");
  assert.ok(files.includes(createHash("sha256").update(token).digest("base64url")));
  assert.ok(!files.includes(token.slice(4)) && !broker.logged.join().includes(token.slice(4)));
});

test("5 the tree goes with its root, at once; an orphan stays, and revoke-orphan leaves the children", async (t) => {
  const broker = await startCoatcheck(t);
  await policy(broker, "makes", MAKES);
  const holds = async ({ client_token }: { client_token: string }) =>
    (await call(broker, client_token, "GET", "auth/token/lookup-self")).status === 200;
  const tree = async () => {
    const top = await child(broker, { policies: ["makes"] });
    const middle = await child(broker, {}, top.client_token);
    const leaf = await child(broker, { policies: ["default"] }, middle.client_token);
    const orphan = await child(broker, {}, middle.client_token, "create-orphan");
    return [top, middle, leaf, orphan] as const;
  };
  const all = (ones: Awaited<ReturnType<typeof tree>>) => Promise.all(ones.map(holds));
  const first = await tree();
  assert.deepEqual(await all(first), [true, true, true, true]);
  assert.equal(
    (await call(broker, ROOT_TOKEN, "PUT", "auth/token/revoke", { token: first[0].client_token })).status,
    204,
  );
  assert.deepEqual(await all(first), [false, false, false, true]);

  const second = await tree();
  const { accessor } = second[1];
  assert.equal((await call(broker, ROOT_TOKEN, "PUT", "auth/token/revoke-accessor", { accessor })).status, 204);
  assert.deepEqual(await all(second), [true, false, false, true]);

  const third = await tree();
  const token = third[1].client_token;
  assert.equal((await call(broker, third[0].client_token, "PUT", "auth/token/revoke-orphan", { token })).status, 403);
  assert.equal((await call(broker, ROOT_TOKEN, "PUT", "auth/token/revoke-orphan", { token })).status, 204);
  assert.deepEqual(await all(third), [true, false, true, true]);
  assert.equal(
    (await call(broker, ROOT_TOKEN, "PUT", "auth/token/revoke", { token: third[0].client_token })).status,
    204,
  );
  assert.deepEqual(await all(third), [false, false, true, true]);

  // Their rows go, too.
  await broker.pass(1_000);
  const listed = await call(broker, ROOT_TOKEN, "GET", "auth/token/accessors?list=true");
  const left = [first[3], second[0], second[3], third[2], third[3]].map((one) => one.accessor).toSorted();
  assert.deepEqual(listed.data.keys, left);
  const again = await broker.restart();
  assert.equal((await call(again, third[2].client_token, "GET", "auth/token/lookup-self")).status, 200);
  assert.equal((await call(again, third[0].client_token, "GET", "auth/token/lookup-self")).status, 403);
});

test("5 lives: what is asked for, at most 32 days; renewal, explicit maximum, period, no renewal; the queue removes what is over", async (t) => {
  const broker = await startCoatcheck(t);
  const life = async (more: Readonly<Record<string, unknown>>) => (await child(broker, more)).lease_duration;
  assert.equal(await life({ policies: ["default"] }), 2_764_800);
  assert.equal(await life({ policies: ["default"], ttl: "20m" }), 1_200);
  assert.equal(await life({ policies: ["default"], explicit_max_ttl: 60 }), 60);
  assert.equal(await life({}), 0, "a root token does not end");
  const long = await call(broker, ROOT_TOKEN, "POST", "auth/token/create", { policies: "default", ttl: "1000h" });
  assert.match(String(long.warnings), /TTL value is capped/);

  const capped = await child(broker, { policies: ["default"], ttl: 100, explicit_max_ttl: 150 });
  const periodic = await child(broker, { policies: ["default"], period: "100s" });
  const fixed = await child(broker, { policies: ["default"], ttl: 100, renewable: "false" });
  const renew = ({ client_token }: { client_token: string }, increment = 0) =>
    call(broker, client_token, "PUT", "auth/token/renew-self", { increment });
  await broker.pass(60_000);
  const renewed = await renew(capped, 100);
  assert.deepEqual([renewed.auth?.client_token, renewed.auth?.lease_duration], [capped.client_token, 90]);
  assert.match(String(renewed.warnings), /TTL value is capped/);
  assert.equal((await renew(periodic)).auth?.lease_duration, 100);
  assert.deepEqual((await renew(fixed)).errors, ["lease is not renewable"]);
  assert.deepEqual((await call(broker, ROOT_TOKEN, "PUT", "auth/token/renew-self")).errors, ["lease is not renewable"]);
  await broker.pass(60_000);
  assert.equal((await renew(fixed)).status, 403);
  assert.equal((await renew(periodic, 5)).auth?.lease_duration, 100);
  const { data } = await call(broker, ROOT_TOKEN, "PUT", "auth/token/lookup-accessor", { accessor: capped.accessor });
  assert.deepEqual([data.id, data.ttl, data.creation_ttl, data.explicit_max_ttl], ["", 30, 100, 150]);
  await broker.pass(31_000);
  const { keys } = (await call(broker, ROOT_TOKEN, "GET", "auth/token/accessors?list=true")).data;
  assert.ok(Array.isArray(keys));
  assert.deepEqual(
    [keys.includes(capped.accessor), keys.includes(fixed.accessor), keys.includes(periodic.accessor)],
    [false, false, true],
  );
  assert.equal((await call(broker, capped.client_token, "GET", "auth/token/lookup-self")).status, 403);
});

test("5 num_uses counts each request; the last one ends it, also where two come at once", async (t) => {
  const broker = await startCoatcheck(t);
  const look = (token: string) => call(broker, token, "GET", "auth/token/lookup-self");
  const few = await child(broker, { policies: ["default"], num_uses: 2 });
  assert.equal((await look(few.client_token)).data.num_uses, 1);
  assert.equal((await look(few.client_token)).status, 200);
  assert.equal((await look(few.client_token)).status, 403);
  const one = await child(broker, { policies: ["default"], num_uses: 3 });
  const statuses = await Promise.all(Array.from({ length: 8 }, () => look(one.client_token)));
  assert.equal(statuses.filter(({ status }) => status === 200).length, 3);
});

test("5 what a token may make: policies among its own, no orphan, no period, no root, no chosen id, none by one of few uses", async (t) => {
  const broker = await startCoatcheck(t);
  await policy(broker, "makes", 'path "auth/token/create" { capabilities = ["update"] }');
  await policy(broker, "sudoer", 'path "auth/token/create" { capabilities = ["update", "sudo"] }');
  const { client_token: plain } = await child(broker, { policies: ["makes", "ci"], no_default_policy: true });
  const { client_token: sudo } = await child(broker, { policies: ["sudoer"] });
  const { client_token: limited } = await child(broker, { policies: ["makes"], num_uses: 5 });
  const make = (token: string, more: unknown) => call(broker, token, "POST", "auth/token/create", more);
  const refused: readonly (readonly [string, unknown, RegExp])[] = [
    [plain, { policies: ["other"] }, /child policies must be subset of parent/],
    [plain, { policies: ["default"] }, /child policies must be subset of parent/],
    [plain, { policies: ["root"] }, /root tokens may not be created/],
    [sudo, { policies: ["ROOT"] }, /root tokens may not be created/],
    [plain, { no_parent: true }, /root or sudo privileges required to create orphan/],
    [plain, { period: 60 }, /root or sudo privileges required to create periodic/],
    [plain, { id: "hvs.mine" }, /a chosen id is not supported/],
    [plain, { type: "batch" }, /another type/],
    [plain, { entity_alias: "x" }, /entity_alias/],
    [plain, { num_uses: -1 }, /cannot be negative/],
    [plain, { meta: { a: "x".repeat(5_000) } }, /meta may have at most/],
    [limited, {}, /restricted use token cannot generate child tokens/],
  ];
  for (const [token, more, said] of refused) {
    const { status, errors } = await make(token, more);
    assert.equal(status, 400, JSON.stringify(more));
    assert.match(String(errors), said);
  }
  assert.deepEqual((await make(plain, {})).auth?.policies, ["ci", "makes"]);
  assert.deepEqual((await make(plain, { policies: "CI" })).auth?.policies, ["ci"]);
  assert.deepEqual((await make(sudo, { policies: ["other"], no_parent: true, period: 60 })).auth?.orphan, true);
  assert.deepEqual((await make(ROOT_TOKEN, { policies: ["a", "root"] })).auth?.policies, ["root"]);
});

test("5 a wrong token is bad to whoever may ask; the root token is revoked for good, and what it made with it", async (t) => {
  const broker = await startCoatcheck(t);
  const made = await child(broker, { policies: ["default"] });
  const orphan = await child(broker, { policies: ["root"], no_parent: true });
  const ask = (noun: string, body: unknown) => call(broker, ROOT_TOKEN, "PUT", `auth/token/${noun}`, body);
  for (const noun of ["lookup", "renew", "revoke", "revoke-orphan"]) {
    assert.deepEqual([(await ask(noun, { token: "hvs.wrong" })).errors], [["bad token"]]);
  }
  for (const noun of ["lookup-accessor", "renew-accessor", "revoke-accessor"]) {
    assert.deepEqual([(await ask(noun, { accessor: "wrong" })).errors], [["invalid accessor"]]);
  }
  const of = await ask("lookup", { token: ROOT_TOKEN });
  assert.deepEqual([of.data.policies, of.data.id], [["root"], ROOT_TOKEN]);
  const can = await call(broker, ROOT_TOKEN, "PUT", "sys/capabilities", {
    token: made.client_token,
    path: "sys/capabilities-self",
  });
  assert.deepEqual(can.data.capabilities, ["update"]);
  assert.equal((await ask("revoke-self", undefined)).status, 204);
  const refuses = async (one: Pick<typeof broker, "running">) => {
    for (const token of [ROOT_TOKEN, made.client_token]) {
      assert.equal((await call(one, token, "GET", "auth/token/lookup-self")).status, 403);
    }
    assert.equal((await call(one, orphan.client_token, "GET", "auth/token/lookup-self")).status, 200);
  };
  await refuses(broker);
  const again = await broker.restart();
  await refuses(again);
  assert.ok(again.logged.some((line) => line.includes("root_token_revoked")));
  assert.ok(!broker.logged.some((line) => line.includes("root_token_revoked")));
});

test("5 unmodified node-vault and Terraform's child token: create, use, renew, revoke", async (t) => {
  const broker = await startCoatcheck(t);
  await policy(broker, "tf", `${MAKES}\n${READS_CI}`);
  const client = vault({ endpoint: broker.running.address, token: ROOT_TOKEN });
  const made = await client.tokenCreate({ policies: ["tf"], display_name: "ci job" });
  // node-vault goes on with the token that it was given.
  assert.equal(client.token, made.auth.client_token);
  assert.equal((await client.tokenLookupSelf()).data.display_name, "token-ci-job");
  assert.equal((await client.tokenRenewSelf()).auth.client_token, client.token);
  const terraform = await call(broker, client.token, "POST", "auth/token/create", {
    ...{ policies: null, ttl: "1200s", explicit_max_ttl: "1200s", period: "", display_name: "terraform" },
    ...{ renewable: false, no_parent: false, no_default_policy: false, num_uses: 0, type: "", metadata: null },
  });
  assert.deepEqual([terraform.auth?.policies, terraform.auth?.lease_duration], [["default", "tf"], 1200]);
  const token = terraform.auth?.client_token ?? "";
  assert.equal((await call(broker, token, "GET", "auth/token/lookup-self")).data.renewable, false);
  assert.equal((await call(broker, token, "PUT", "auth/token/revoke-self", {})).status, 204);
  await client.tokenRevokeSelf();
  await assert.rejects(
    client.tokenLookupSelf(),
    ({ response }: { response?: { statusCode: number } }) => response?.statusCode === 403,
  );
});

test("5 another root token in its file is the root token within 5 s, without a restart; what the old one made ends, but for orphans", async (t) => {
  const broker = await startCoatcheck(t, { keepsRootToken: true });
  const path = join(broker.data, "root-token");
  const kept = () => readFileSync(path, "utf8").trim();
  const old = kept();
  const made = await child(broker, { policies: ["default"] }, old);
  const orphan = await child(broker, { policies: ["default"], no_parent: true }, old);
  const looks = async (token: string) => (await call(broker, token, "GET", "auth/token/lookup-self")).status;
  const all = async () => [await looks(old), await looks(kept()), await looks(made.client_token)];
  writeFileSync(path, "too short\n");
  await broker.pass(5_000);
  assert.deepEqual([await looks(old), await looks(made.client_token)], [200, 200], "nothing that is no token");
  renewRootToken(broker.data);
  assert.deepEqual(await all(), [200, 403, 200]);
  await broker.pass(5_000);
  assert.deepEqual(await all(), [403, 200, 403]);
  assert.equal(await looks(orphan.client_token), 200);
  assert.ok(broker.logged.some((line) => line.includes("root_token_changed")));
  assert.ok(!broker.logged.join("").includes(kept()) && !broker.logged.join("").includes(old));
  // The new one is revoked like any other, and stays so.
  assert.equal((await call(broker, kept(), "PUT", "auth/token/revoke-self")).status, 204);
  assert.equal(await looks(kept()), 403);
});
