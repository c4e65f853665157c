import type { Clock } from "../process/clock.ts";
import type { Config } from "../process/config.ts";
import type { Metrics } from "../process/metrics.ts";
import { NO_TRACE, type Trace } from "../process/trace.ts";
import { VERSION } from "../process/version.ts";
import type { Fetch } from "../protocol/client.ts";
import type { Forward } from "../protocol/forward.ts";
import { TransportError } from "../protocol/response/transport-error.ts";
import type { Telemetry } from "../telemetry/open.ts";

/** OpenTelemetry where it is switched on; where it is not, nothing of it is loaded. */
export async function telemetryFor(
  { telemetry }: Pick<Config, "telemetry">,
  clock: Pick<Clock, "now">,
): Promise<Telemetry & { /** Whose numbers are sent. */ watch(metrics: Metrics): void }> {
  if (!telemetry) return { trace: NO_TRACE, close: async () => {}, watch: () => {} };
  const { openTelemetry } = await import("../telemetry/open.ts");
  let watched: Metrics | undefined;
  const samples = async () => (await watched?.samples()) ?? [];
  return {
    ...openTelemetry(telemetry, VERSION, { now: () => clock.now(), samples }),
    watch: (metrics) => {
      watched = metrics;
    },
  };
}

/** A fetch whose requests are told of: to which host, and what came of it; never a path, a query or a header. */
export function tracedFetch(trace: Trace, fetch: Fetch): Fetch {
  if (trace === NO_TRACE) return fetch;
  return (url, init = {}) => traced(trace, init.method ?? "GET", url, () => fetch(url, init));
}

/** The same of requests that are passed on; a span ends with the head of the answer, since a body may stream for hours. */
export function tracedForward(trace: Trace, forward: Forward): Forward {
  if (trace === NO_TRACE) return forward;
  return (url, request) => traced(trace, request.method, url, () => forward(url, request));
}

function traced<T extends { readonly status: number }>(
  trace: Trace,
  method: string,
  url: string | URL,
  send: () => Promise<T>,
): Promise<T> {
  return trace.span(method, "client", async (span) => {
    const { hostname, port, protocol } = new URL(url);
    span.set({ "http.request.method": method, "server.address": hostname, "url.scheme": protocol.slice(0, -1) });
    if (port !== "") span.set({ "server.port": Number(port) });
    try {
      const answer = await send();
      span.set({ "http.response.status_code": answer.status });
      if (answer.status >= 400) span.fail(String(answer.status));
      return answer;
    } catch (error) {
      if (error instanceof TransportError) span.fail(error.code);
      throw error;
    }
  });
}
