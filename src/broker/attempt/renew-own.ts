import type { Issued } from "../../credential/index.ts";
import type { Claimed } from "../../store/port.ts";
import type { Context } from "../process/context.ts";
import { settleEvent } from "../record/commit.ts";
import { resolveServer } from "../server/resolve-server.ts";
import { type Flow, refusalIn } from "./attempt.ts";
import { ofCredential, settleOrRelease } from "./of-credential.ts";
import { asking, SELF_PREFIX, trouble } from "./self.ts";

/** MCP-G5: another token for the client itself, whose session goes on with it. Nothing is consumed, so nothing is in doubt. */
export function renewOwn(context: Context, claimed: Claimed, state: Issued): Flow<boolean> {
  const { row, claim } = claimed;
  // Nobody's consent is bound to a client: each new token is the present one's.
  const { client: _, ...grant } = state.grant;
  const own = { claimed, state, kind: "refresh", prefix: SELF_PREFIX, doubt: false, recovered: false } as const;
  return {
    ...ofCredential(context, { ...own, fence: { claim } }),
    ...asking({ grant, tokenUrlParams: {} }),
    server: (call) => resolveServer(context, row.mount, grant, call),
    settle: async (meaning) => {
      if (meaning.kind !== "issued") return settleOrRelease(context, own, trouble(refusalIn(meaning)));
      const event = { type: "issued", issue: { ...meaning.issue, renewable: true } } as const;
      return (await settleEvent(context, row, state, { kind: "refresh", event }, { claim })) || undefined;
    },
  };
}
