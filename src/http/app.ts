import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { FIRST_MOUNT } from "../mount-names.ts";
import { audit, capabilities, plugins, policies, tokens, unwrapping, wrap } from "./access/index.ts";
import { type ErrorHandler, errorHandler } from "./answer/errors.ts";
import { unsupportedPath } from "./answer/http-error.ts";
import type { AppOptions, Deps, VaultApp } from "./app-types.ts";
import { authMountRoutes, logins, methods, secretIds, tokenRoles } from "./auth/index.ts";
import { face } from "./face/index.ts";
import { auditRequests, blocked, recordRefusal } from "./gate/audit.ts";
import { Crowd } from "./gate/crowd.ts";
import { door, refuseNamespace } from "./gate/door.ts";
import { answerHelp, collectHelp, type Help } from "./gate/help.ts";
import { requireHost } from "./gate/hosts.ts";
import { logAnswers } from "./gate/log-answers.ts";
import { orAsOffered, refuseList } from "./gate/methods.ts";
import { refuseUnrouted } from "./gate/not-found.ts";
import { Offers, passFirst, scoped, unlessAnswered } from "./gate/offers.ts";
import { traceRequests } from "./gate/trace-requests.ts";
import { attachTransport, refuseExpectations } from "./gate/transport.ts";
import { wrapAnswers, wrapAsked } from "./gate/wrapping.ts";
import { parseBody } from "./input/body.ts";
import { constraintsOf, NO_MOUNTS, oneSegment } from "./input/mounted.ts";
import { parseQuery } from "./input/query.ts";
import { readBody } from "./input/read-body.ts";
import { forgetType, requireReadable, takesBody } from "./input/readable.ts";
import { compileValidator, OWN_COMPILERS, type VaultTypes } from "./input/validator.ts";
import { orPage } from "./pages/error-page.ts";
import { attachQuickReads } from "./quick/quick-reads.ts";
import { device, type LoopbackPages, loopback, sessionRoutes } from "./session/index.ts";
import { collectRoutes, health, metrics, openSystem, probes, start, system } from "./system/index.ts";
import { callback, type MountRoutes, mountChanges, mountRoutes, mounts, ofEachMount } from "./vault/index.ts";

export type { AppOptions, Health } from "./app-types.ts";
export { openapiDocument } from "./system/openapi.ts";

/** Bytes of a body that anybody may send, and of one that comes with an operator's token. */
const OPEN_BODY = 16_384;
const TRUSTED_BODY = 1_048_576;

/** Milliseconds and bytes: a slow or greedy client costs one socket for so long, and no more memory than that. */
const LIMITS = {
  bodyLimit: OPEN_BODY,
  /** Of headers and request target together. */
  maxHeaderSize: 16_384,
  headersTimeout: 15_000,
  /** Of a whole request, its body included. */
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 75_000,
};

/** The HTTP server: transport, then Fastify, then one file per noun. It listens nowhere by itself. */
export function buildApp(options: AppOptions): VaultApp {
  const { app, help, deps, offers } = basis(options);
  scoped(app, (scope) => start(scope, deps));
  offers.add(app, [
    (scope) => openRoutes(scope, deps, help),
    (scope) => sessionRoutes(scope, deps),
    (scope) => device(scope, deps, deps.mounts.first),
    (scope) => guardedRoutes(scope, deps, help),
    (scope) => face(scope, deps),
    (scope) => !deps.metricsElsewhere && metricsRoutes(scope, deps, help),
  ]);
  return app;
}

/** What those ask who watch the broker, and nothing else: for a listener of its own, by whatever name they find it. */
export function buildMetricsApp({ isOwnHost: _, ...options }: AppOptions): VaultApp {
  const { app, help, deps, offers } = basis({ ...options, authenticate: metricsReader(options), mounts: NO_MOUNTS });
  offers.add(app, [
    (scope) => health(scope, deps),
    (scope) => probes(scope, deps),
    (scope) => metricsRoutes(scope, deps, help),
  ]);
  return app;
}

/** What answers a browser that comes back to a person's own broker, at the ports that are open for it; it has no way to anything else. */
export function buildLoopbackApp(options: AppOptions, pages: LoopbackPages): VaultApp {
  const { app, deps } = basis({ ...options, mounts: NO_MOUNTS });
  scoped(app, (scope) => loopback(scope, deps, FIRST_MOUNT, pages));
  return app;
}

function metricsReader({ readsMetrics, authenticate }: AppOptions) {
  return readsMetrics ?? authenticate;
}

/** What every request passes first. */
function basis(options: Omit<Deps, "accountOf" | "givesWay">) {
  const crowd = new Crowd(options);
  const deps: Deps = {
    ...options,
    accountOf: (request, whose) => crowd.accountOf(request, whose),
    givesWay: (response) => crowd.givesWay(response),
  };
  const app = instance(deps);
  attach(app, deps, crowd);
  const offers = new Offers(deps.mounts);
  app.addHook("onRequest", async (request, reply) => {
    offers.look(request);
    await crowd.admit(request, reply);
  });
  readBodies(app, deps);
  collectRoutes(app, deps.version);
  logAnswers(app, deps);
  wrapAsked(app, deps);
  auditRequests(app, deps);
  if (deps.trace) traceRequests(app, deps.trace, deps.mounts);
  const help = collectHelp(app);
  app.addHook("onRequest", async ({ raw }) => requireReadable(raw));
  app.addHook("onRequest", requireHost(deps));
  app.addHook("onRequest", unlessAnswered(refuseUnrouted(deps, help)));
  app.addHook("onRequest", async (request) => forgetType(request.raw));
  app.setNotFoundHandler(async () => {
    throw unsupportedPath();
  });
  app.setErrorHandler(orAsOffered(app, errorsOf(deps)));
  return { app, help, deps, offers };
}

/** What is answered beside Fastify, and before it. */
function attach(app: VaultApp, deps: Deps, crowd: Crowd): void {
  let isClosing = false;
  app.addHook("preClose", async () => {
    isClosing = true;
  });
  attachQuickReads(app.server, deps, () => isClosing);
  attachTransport(app.server, deps.clock);
  refuseExpectations(app.server, deps);
  crowd.attach(app.server);
}

function instance(deps: Deps): VaultApp {
  const { bodyLimit, maxHeaderSize, headersTimeout, requestTimeout, connectionsCheckingInterval, keepAliveTimeout } =
    LIMITS;
  const refuse = errorsOf(deps);
  const common = {
    bodyLimit,
    requestTimeout,
    keepAliveTimeout,
    logger: false,
    pluginTimeout: 0, // No timer for each route: they are added at once.
    exposeHeadRoutes: false,
    // A drained instance answers what it has accepted, in Vault's form.
    return503OnClosing: false,
    genReqId: () => randomUUID(),
    clientErrorHandler: () => {},
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      const said = { id: request.id, status: error.statusCode ?? 400, error: "bad request" };
      recordRefusal(deps, request.raw, said, (problem) => {
        void refuse(problem === undefined ? error : blocked(), request, reply);
      });
    },
    routerOptions: {
      querystringParser: parseQuery,
      maxParamLength: maxHeaderSize,
      constraints: constraintsOf(deps.mounts),
    },
    rewriteUrl: oneSegment(deps.mounts),
  };
  const server = { maxHeaderSize, headersTimeout, connectionsCheckingInterval, requireHostHeader: false };
  const app = fastify({ ...common, http: server, schemaController: OWN_COMPILERS }) as unknown as FastifyInstance;
  app.setValidatorCompiler(compileValidator);
  // Answers are made of the same types and sent as bytes; the schemas of answers are documentation.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  return app.withTypeProvider<VaultTypes>();
}

/** A browser is shown a page, except where there are none for it to go on to: at the listener of who watches. */
function errorsOf(deps: Deps, at?: MountRoutes): ErrorHandler {
  const answer = errorHandler(deps, at && ((request) => at.place(request)));
  return deps.mounts === NO_MOUNTS ? answer : orPage(answer, deps);
}

/** Whole bodies, read and parsed; who is let in at all has been settled before. */
function readBodies(app: VaultApp, { accountOf }: Deps): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", async (request: FastifyRequest, payload: IncomingMessage) => {
    const limit = request.routeOptions.bodyLimit ?? LIMITS.bodyLimit;
    const body = await readBody(payload, limit, accountOf(request));
    return takesBody(request.method) ? parseBody(body, request.headers["content-type"] ?? "") : null;
  });
}

/** Routes without a token. */
function openRoutes(app: VaultApp, deps: Deps, help: Help): void {
  passFirst(app, answerHelp(help));
  app.addHook("onRequest", async (request) => refuseList(request));
  openSystem(app, deps);
  scoped(app, (scope) => {
    passFirst(scope, async ({ headers }) => refuseNamespace(headers));
    unwrapping(scope, deps);
    scoped(scope, (inner) => {
      wrapAnswers(inner);
      logins(inner, deps);
    });
  });
  ofEachMount(app, deps.mounts, (scope, at) => callback(scope, deps, at));
}

/** All other routes; a mount's settings decide the status of its errors. */
function guardedRoutes(app: VaultApp, deps: Deps, help: Help): void {
  app.addHook("onRoute", (route) => {
    route.bodyLimit = TRUSTED_BODY;
  });
  door(app, deps);
  wrapAnswers(app);
  passFirst(app, answerHelp(help));
  app.addHook("onRequest", async (request) => refuseList(request));
  mounts(app, deps);
  mountChanges(app, deps);
  authMountRoutes(app, deps);
  methods(app, deps);
  secretIds(app, deps);
  tokenRoles(app, deps);
  tokens(app, deps);
  policies(app, deps);
  audit(app, deps);
  capabilities(app, deps);
  wrap(app);
  plugins(app, deps);
  system(app, deps);
  ofEachMount(app, deps.mounts, (scope, at) => {
    scope.setErrorHandler(errorsOf(deps, at));
    mountRoutes(scope, deps, at);
  });
}

/** With a token that may do nothing else, too. */
function metricsRoutes(app: VaultApp, deps: Deps, help: Help): void {
  door(app, { ...deps, authenticate: metricsReader(deps) });
  wrapAnswers(app);
  passFirst(app, answerHelp(help));
  app.addHook("onRequest", async (request) => refuseList(request));
  metrics(app, deps);
}
