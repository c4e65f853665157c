import type { FastifyRequest } from "fastify";
import type { RequestSpan } from "../../process/trace.ts";
import type { Deps, VaultApp } from "../app-types.ts";

/** One span per request: method, route pattern, status. Never a path, query, body, name or token. */
export function traceRequests(app: VaultApp, { trace }: Pick<Deps, "trace">): void {
  const spans = new WeakMap<FastifyRequest, RequestSpan>();
  app.addHook("onRequest", async (request) => {
    const span = trace?.request(request.method, request.headers);
    if (span) spans.set(request, span);
  });
  // Not before the body is there: what reads it begins in another place.
  app.addHook("preHandler", (request, _reply, done) => {
    const span = spans.get(request);
    if (span) span.enter(done);
    else done();
  });
  app.addHook("onResponse", async (request, reply) => {
    const { method, routeOptions } = request;
    const route = routeOptions.url ?? "unknown";
    const span = spans.get(request);
    span?.set({ "http.request.method": method, "http.route": route, "http.response.status_code": reply.statusCode });
    if (reply.statusCode >= 500) span?.fail(String(reply.statusCode));
    span?.end(`${method} ${route}`);
  });
}
