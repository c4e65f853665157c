import { resume } from "../../../client/index.ts";
import { serverNameOf } from "../../../mcp/server-name.ts";
import { systemClock } from "../../../process/clock.ts";
import { connectionTo } from "../../connect/broker.ts";
import type { Held } from "./bridge-types.ts";
import { recordOf } from "./record-of.ts";
import type { Way } from "./way.ts";

/**
 * MCP-B4: `--direct`: the token is fetched for each request, and kept nowhere; one that the server refuses is renewed once. It goes to
 * no other server than the login is for (MCP-T1). Throws an `Error` for one of another.
 */
export async function withToken(way: Way, { name, kept }: Held, url: string): Promise<Way> {
  const session = resume(kept.session, await connectionTo(kept.broker));
  const { api_server: own, expire_time, refreshable } = await session.status();
  const isOwn = own === undefined ? recordOf(kept.server) === serverNameOf(url) : own === url;
  if (!isOwn) throw new Error(`the login "${name}" is for ${own ?? kept.server}, and its token goes nowhere else`);
  const endsAt = refreshable === false && expire_time !== undefined ? Date.parse(expire_time) : undefined;
  return {
    ...way,
    ...(endsAt !== undefined && { endsIn: () => Math.max(Math.floor((endsAt - systemClock.wall()) / 1_000), 0) }),
    send: async (call) => {
      const token = await session.token(call.signal ? { signal: call.signal } : {});
      const sent = (value: string) =>
        way.send({ ...call, headers: { ...call.headers, authorization: `Bearer ${value}` } });
      const answer = await sent(token);
      if (answer.statusCode !== 401) return answer;
      const next = await session.rejected(token).then(
        () => session.token(),
        () => token,
      );
      if (next === token) return answer;
      answer.resume();
      return sent(next);
    },
  };
}
