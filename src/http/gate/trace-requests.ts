import type { FastifyRequest } from "fastify";
import type { MountList } from "../../broker/mounts.ts";
import type { RequestSpan, Trace } from "../../process/trace.ts";
import type { VaultApp } from "../app-types.ts";
import { routeName } from "./offers.ts";

/** One span per request: method, route pattern, status. Never a path, query, body, name or token. */
export function traceRequests(app: VaultApp, trace: Trace, mounts: MountList): void {
  const spans = new WeakMap<FastifyRequest, RequestSpan>();
  app.addHook("onRequest", async (request) => {
    const span = trace.request(request.method, request.headers);
    if (span) spans.set(request, span);
  });
  // Not before the body is there: what reads it begins in another place.
  app.addHook("preHandler", (request, _reply, done) => {
    trace.within(spans.get(request), done);
  });
  app.addHook("onResponse", async (request, reply) => {
    endSpan(spans.get(request), request.method, routeName(request, mounts), reply.statusCode);
  });
}

/** What is told of a request, where somebody watches. */
export function endSpan(span: RequestSpan | undefined, method: string, route: string, status: number): void {
  if (!span) return;
  span.set({ "http.request.method": method, "http.route": route, "http.response.status_code": status });
  if (status >= 500) span.fail(String(status));
  span.end(`${method} ${route}`);
}
