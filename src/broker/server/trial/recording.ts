import type { Clock } from "../../../process/clock.ts";
import type { Call, FetchInit } from "../../../protocol/client.ts";
import { TransportError } from "../../../protocol/response/transport-error.ts";
import { whyUnreachable } from "../../../protocol/response/why-unreachable.ts";
import type { TriedExchange } from "../../server-trial.ts";
import { masked, type Recorded } from "./mask.ts";

/** More requests than a step makes; whatever leads on for ever is not kept for ever. */
const MOST_EXCHANGES = 40;

/** A call that remembers what it asked and what came. */
export interface Recorder {
  readonly call: Call;
  /** What was recorded since this was asked last, without these secrets and those that show themselves; `shown`: none of them. */
  taken(secrets?: readonly string[], shown?: readonly string[]): readonly TriedExchange[];
}

export function recording(clock: Pick<Clock, "monotonic">, call: Call): Recorder {
  let exchanges: Recorded[] = [];
  const fetch: Call["fetch"] = async (url, init = {}) => {
    const from = clock.monotonic();
    const note = (came: Pick<Recorded, "answer" | "trouble">) => {
      const milliseconds = Math.round(clock.monotonic() - from);
      if (exchanges.length < MOST_EXCHANGES) exchanges.push({ ...sentBy(url, init), ...came, milliseconds });
    };
    try {
      const response = await call.fetch(url, init);
      const body = await response.clone().text();
      const headers = Object.fromEntries(response.headers);
      note({ answer: { status: response.status, headers, body } });
      return response;
    } catch (error) {
      note({ trouble: troubleText(error) });
      throw error;
    }
  };
  return {
    call: { ...call, fetch },
    taken: (secrets = [], shown = []) => {
      const taken = exchanges.map((exchange) => masked(exchange, secrets, shown));
      exchanges = [];
      return taken;
    },
  };
}

function sentBy(url: string, { method = "GET", headers, body }: FetchInit) {
  const { "user-agent": _library, ...sent } = Object.fromEntries(new Headers(headers));
  // The connection puts the broker's own in its place.
  return { method, url, headers: sent, ...(body !== undefined && body !== null && { body: String(body) }) };
}

/** Whoever tries a server runs this broker, and can mend what is in the way. */
function troubleText(error: unknown): string {
  if (!(error instanceof TransportError)) return "no answer came";
  return whyUnreachable(error) ?? `its answer cannot be used (${error.code})`;
}
