import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createRecognizer, hashToken, newToken } from "../../src/access/root-token.ts";
import type { Entity } from "../../src/access/token.ts";
import { headsIn } from "../../src/audit/heads.ts";
import { createAccess } from "../../src/broker/create-access.ts";
import { MountTable } from "../../src/broker/process/mount-table.ts";
import { createContext } from "../../src/compose/context.ts";
import { openWithKeys } from "../../src/compose/open-keys.ts";
import { loadConfig } from "../../src/process/config.ts";
import { createLog } from "../../src/process/log.ts";
import { NO_TRACE } from "../../src/process/trace.ts";
import { ForwardingStore } from "../../src/store/forwarding.ts";
import type { Key, Removal } from "../../src/store/port.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { dataFolder } from "../support/temporary-folder.ts";

/** A store that others write too, and whose answers are on their way for a while. */
class FarStore extends ForwardingStore {
  arriving = () => {};
  removed = async () => {};

  override async remove(removal: Removal) {
    const isGone = await super.remove(removal);
    await this.removed();
    return isGone;
  }

  override get alone(): boolean {
    return false;
  }

  override async read(key: Key) {
    const row = await super.read(key);
    if (key.mount === "auth/token") this.arriving();
    return row;
  }
}

async function open(t: TestContext) {
  const clock = new FakeClock();
  const data = dataFolder(t);
  const kept = await openSqliteStore({ path: join(data, "test.db"), clock });
  t.after(() => kept.close());
  const store = new FarStore(kept);
  const root = newToken();
  const environment = { COATCHECK_KEY: randomBytes(32).toString("base64url"), COATCHECK_ROOT_TOKEN: root };
  const config = loadConfig({ listen: "127.0.0.1:0", data }, environment);
  const deployment = await openWithKeys(config, kept, clock);
  const log = createLog("silent", () => {});
  const { context } = createContext(config, log, clock, {
    kept: store,
    deployment,
    trace: NO_TRACE,
    mounts: new MountTable(["oauth2"]),
  });
  const recognize = createRecognizer(hashToken(root));
  const { access, auth, callers, exchangeRoot } = createAccess(context, {
    rootToken: root,
    recognize,
    heads: (name) => headsIn(data, name),
    isNamed: () => true,
    data,
  });
  const caller = recognize(root);
  assert.ok(caller);
  const make = async (policy: string, entity?: Entity) => {
    const lives = { ttl: 0, explicitMaxTtl: 0, period: 0, uses: 0, renewable: true };
    const rest = { noDefaultPolicy: false, orphan: true, displayName: "", meta: {}, path: "auth/token/create" };
    return access.tokens.create(caller, { policies: [policy], ...lives, ...rest, ...(entity && { entity }) });
  };
  const exchange = (token: string) => exchangeRoot(token, createRecognizer(hashToken(token)));
  return { clock, kept, store, context, access, auth, callers, make, root: caller, rootToken: root, exchange };
}

test("ST-176 a root token whose place another one takes while the store is asked about it is that other one for no request", async (t) => {
  const { clock, store, access, callers, root, rootToken, exchange } = await open(t);
  const next = newToken();
  for (const ask of [
    () => callers.authenticate(rootToken),
    () => access.tokens.find({ token: rootToken }),
    () => access.tokens.find({ accessor: root.accessor }),
  ]) {
    exchange(rootToken);
    assert.equal((await ask())?.accessor, root.accessor);
    // What the store said is remembered for a second.
    clock.advance(2_000);
    store.arriving = () => exchange(next);
    assert.equal(await ask(), undefined);
    store.arriving = () => {};
  }
  assert.deepEqual((await callers.authenticate(next))?.policies, ["root"]);
});

test("ST-61 a token that others revoke while the answer about it is on its way is good for a second from the question, not from the answer", async (t) => {
  const { clock, kept, store, callers, make } = await open(t);
  const { token, principal } = await make("default");
  store.arriving = () => clock.advance(900);
  assert.equal((await callers.authenticate(token))?.accessor, principal.accessor);
  store.arriving = () => {};
  // Another instance does it.
  await kept.remove({ id: principal.accessor });
  clock.advance(101);
  assert.equal(callers.ready(token)(), undefined);
  assert.equal(await callers.authenticate(token), undefined);
});

test("ST-63 tokens of the same policies share what these let them do, until one is changed", async (t) => {
  const { access, make } = await open(t);
  const rules = (capability: string) => `path "a" { capabilities = ["${capability}"] }`;
  await access.policies.write("ci", rules("read"));
  const [one, two, other] = [await make("ci"), await make("ci"), await make("ops")];
  assert.equal(one.principal.acl, two.principal.acl);
  assert.deepEqual(other.principal.acl.capabilities("a"), ["deny"]);
  await access.policies.write("ci", rules("delete"));
  const now = await access.tokens.find({ token: one.token });
  assert.deepEqual(now?.acl.capabilities("a"), ["delete"]);
  assert.deepEqual(two.principal.acl.capabilities("a"), ["read"]);
  await access.policies.remove("ci");
  assert.deepEqual((await access.tokens.find({ token: two.token }))?.acl.capabilities("a"), ["deny"]);
});

test("6.3 a policy with a template lets each holder do what is theirs, and children of a token stand for the same one", async (t) => {
  const { access, make, root } = await open(t);
  await access.policies.write("own", 'path "oauth2/creds/{{identity.entity.name}}/*" { capabilities = ["read"] }');
  const who = (name: string) => ({ id: `id-${name}`, name, metadata: {}, aliases: {} });
  const [ann, bob] = [await make("own", who("ann")), await make("own", who("bob"))];
  const reads = ({ principal: { acl } }: typeof ann, name: string) => acl.reaches("read", `oauth2/creds/${name}/x`);
  assert.deepEqual([reads(ann, "ann"), reads(ann, "bob"), reads(bob, "bob")], [true, false, true]);
  assert.equal(reads(await make("own"), "ann"), false);
  const lives = { ttl: 0, explicitMaxTtl: 0, period: 0, uses: 0, renewable: true, policies: [], meta: {} };
  const child = { ...lives, noDefaultPolicy: false, displayName: "", path: "auth/token/create" };
  const own = await access.tokens.create(ann.principal, { ...child, orphan: false });
  assert.deepEqual([own.principal.token?.entity?.name, reads(own, "ann")], ["ann", true]);
  const orphan = await access.tokens.create(root, { ...child, policies: ["own"], orphan: true });
  assert.equal(orphan.principal.token?.entity, undefined);
});

test("a role id that another role has taken over in the moment its first one went stays with it", async (t) => {
  const { store, context, auth } = await open(t);
  await auth.enable("approle", "approle", {});
  const mount = await auth.mount("approle");
  assert.ok(mount);
  const role = { role_id: "same", bind_secret_id: false, token_bound_cidrs: ["127.0.0.1"] };
  await auth.writeRole(mount, "first", role);
  store.removed = async () => {
    store.removed = async () => {};
    await auth.writeRole(mount, "second", role);
  };
  await auth.removeRole(mount, "first");
  await Promise.all(context.background);
  const from = { address: "127.0.0.1", network: "127.0.0.1" };
  const { principal } = await auth.login("approle", { role_id: "same" }, from);
  assert.equal(principal.token?.login?.role, "second");
});
