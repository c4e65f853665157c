import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createRecognizer, hashToken, newToken } from "../../src/access/root-token.ts";
import { createAccess } from "../../src/broker/create-access.ts";
import type { Context } from "../../src/broker/process/context.ts";
import { createLog } from "../../src/process/log.ts";
import { loadKeys } from "../../src/seal/key-file.ts";
import { createSeal } from "../../src/seal/key-ring.ts";
import { ForwardingStore } from "../../src/store/forwarding.ts";
import type { Key } from "../../src/store/port.ts";
import { openSqliteStore } from "../../src/store/sqlite/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { dataFolder } from "../support/temporary-folder.ts";

/** A store that others write too, and whose answers are on their way for a while. */
class FarStore extends ForwardingStore {
  arriving = () => {};

  override get alone(): boolean {
    return false;
  }

  override async read(key: Key) {
    const row = await super.read(key);
    if (key.kind === "token") this.arriving();
    return row;
  }
}

test("ST-61 a token that others revoke while the answer about it is on its way is good for a second from the question, not from the answer", async (t) => {
  const clock = new FakeClock();
  const data = dataFolder(t);
  const kept = await openSqliteStore({ path: join(data, "test.db"), clock });
  t.after(() => kept.close());
  const { keys } = loadKeys(undefined, data, { mayCreate: true });
  const seal = createSeal({ keys, deploymentId: "here", fingerprintKey: new Uint8Array(32) });
  const store = new FarStore(kept);
  const context = { store, seal, clock, log: createLog("error", () => {}), background: new Set() };
  const root = newToken();
  const recognize = createRecognizer(hashToken(root));
  const { access, callers } = createAccess(context as unknown as Context, root, recognize);
  const caller = recognize(root);
  assert.ok(caller);
  const input = { policies: ["default"], noDefaultPolicy: false, orphan: true, displayName: "", meta: {}, ttl: 0 };
  const more = { explicitMaxTtl: 0, period: 0, uses: 0, renewable: true, path: "auth/token/create" };
  const { token, principal } = await access.tokens.create(caller, { ...input, ...more });
  store.arriving = () => clock.advance(900);
  assert.equal((await callers.authenticate(token))?.accessor, principal.accessor);
  store.arriving = () => {};
  // Another instance does it.
  await kept.remove({ id: principal.accessor });
  clock.advance(101);
  assert.equal(callers.ready(token), undefined);
  assert.equal(await callers.authenticate(token), undefined);
});
