import { issue } from "../../credential/index.ts";
import { obtainSelf } from "../attempt/self.ts";
import { selfGrant } from "../credential/self.ts";
import type { Context } from "../process/context.ts";
import { moment, newId } from "../process/random.ts";
import { commit, newGeneration, present } from "../record/commit.ts";
import { grantOf } from "../record/grant.ts";
import { makeReady } from "../server/operation.ts";
import type { SessionRequest } from "./session-request.ts";

/** MCP-G5: the client signs in as itself, so the session is active at once. Throws `BrokerError`. */
export async function startOwn(
  context: Context,
  { operation }: SessionRequest,
  { name, input, session }: StartOwn,
): Promise<void> {
  const ready = await makeReady(context, operation);
  const asked = grantOf(ready.server.name, input, session);
  const grant = { ...selfGrant(ready, asked), own: true } as const;
  const obtained = await obtainSelf(context, ready, { grant, tokenUrlParams: {} });
  const credential = issue(grant, obtained, moment(context));
  const { mount, settings } = operation;
  const before = await present(context, mount, name);
  const place = { mount, name, id: newId(), present: before };
  const row = await newGeneration(context, place, credential, settings, { kind: "self", outcome: "issued" });
  await commit(context, () => context.store.write(row, { anything: true }));
}

interface StartOwn {
  readonly name: string;
  readonly input: Parameters<typeof grantOf>[1];
  readonly session: NonNullable<Parameters<typeof grantOf>[2]>;
}
