import { resume } from "../../../client/index.ts";
import { connectionTo } from "../../connect/broker.ts";
import type { Held } from "./bridge-types.ts";
import type { Way } from "./way.ts";

/** MCP-B4: `--direct`: the token is fetched for each request, and kept nowhere; one that the server refuses is renewed once. */
export async function withToken(way: Way, { kept }: Held): Promise<Way> {
  const session = resume(kept.session, await connectionTo(kept.broker));
  return {
    ...way,
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
