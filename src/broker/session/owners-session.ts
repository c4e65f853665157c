import { statusOf } from "../../session/index.ts";
import { noSession } from "../errors.ts";
import type { Context } from "../process/context.ts";
import { ofFirst, unlessDamaged } from "../record/rows.ts";
import { settingsOf } from "../record/settings.ts";
import { countUse, openFound, type ReadSession } from "./session.ts";

/** Logins of one person at one server that are looked at. */
const MOST = 100;

/**
 * MCP-G2: of a broker that is one person's alone, the session at a server: the newest that is active, else the newest. Whoever
 * reaches its socket is that person. Throws `BrokerError`.
 */
export async function ownersSession(context: Context, mount: string, server: string): Promise<ReadSession> {
  const of = { mount, kind: "session", server, limit: MOST } as const;
  const rows = await ofFirst(context, of, (row) => unlessDamaged(() => openFound(context, row)));
  const now = context.clock.now();
  const isActive = ({ state }: ReadSession) => Number(statusOf(state, now).kind === "active");
  const found = rows.flatMap(([row, one]) => (one ? [{ row, one }] : []));
  const [first] = found.toSorted(
    ({ one: a }, { one: b }) => isActive(b) - isActive(a) || b.session.createdAt - a.session.createdAt,
  );
  if (!first) throw noSession();
  return countUse(context, first.row, first.one, await settingsOf(context, mount));
}
