import type { FastifyPluginAsync, FastifyReply, FastifyRequest, onRequestHookHandler, RouteOptions } from "fastify";
import router, { type HTTPMethod } from "find-my-way";
import type { MountList } from "../../broker/mounts.ts";
import type { VaultApp } from "../app-types.ts";
import { isBelowMount, isOfMount, MOUNT, OF_MOUNT } from "../input/mounted.ts";
import { textsByName } from "../input/texts-by-name.ts";

/** Fastify looks through all modules for the name of a plugin that has none, each time. */
const NAME = Symbol.for("fastify.display-name");

/** Adds routes whose hooks and error handler are theirs alone. */
export function scoped(app: VaultApp, routes: (scope: VaultApp) => void): void {
  const plugin: FastifyPluginAsync = async (scope) => routes(scope as unknown as VaultApp);
  app.register(Object.assign(plugin, { [NAME]: "scope" }));
}

/** True: it has answered, and nothing else may. */
type Pass = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/**
 * Hook: a request goes on where it was not answered. Not by the promise of a reply: Fastify would go on with it, and answer a second
 * time, where the client leaves while the answer still waits for its audit line.
 */
export function unlessAnswered(pass: Pass): onRequestHookHandler {
  return (request, reply, done) => {
    pass(request, reply).then((isAnswered) => {
      if (isAnswered !== true) done();
    }, done);
  };
}

const passes = new WeakMap<object, readonly Pass[]>();

/** Adds a hook `onRequest`, which requests pass as well whose method no route of their path takes. */
export function passFirst(app: VaultApp, pass: Pass): void {
  app.addHook("onRequest", unlessAnswered(pass));
  passes.set(app, [...passesOf(app), pass]);
}

/** Its own come last: Fastify makes of a scope the prototype of those in it. */
export function passesOf(scope: object): readonly Pass[] {
  const above: unknown = Object.getPrototypeOf(scope);
  return passes.get(scope) ?? (typeof above === "object" && above !== null ? passesOf(above) : []);
}

/** Of an instance of Fastify what is needed here: its errors, as its handler answers them. */
interface Scope {
  errorHandler(error: unknown, request: FastifyRequest, reply: FastifyReply): unknown;
}

/** A path by its pattern, and whose hooks and errors are its own. */
export interface Offer {
  readonly url: string;
  readonly scope: Scope;
  readonly methods: Set<HTTPMethod>;
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Of a route that only refuses. */
    readonly refusedBy?: Offer;
  }
}

const refused = new WeakMap<FastifyRequest, Offer>();

/** Whose path a request has that no route takes, for its method alone. */
export function refusedBy(request: FastifyRequest): Offer | undefined {
  return refused.get(request);
}

/** The route of a request, or the pattern of the path whose routes do not take its method. */
export function routeOf(request: FastifyRequest): Pick<FastifyRequest["routeOptions"], "url" | "config" | "schema"> {
  const offer = refused.get(request);
  return offer ? { url: offer.url, config: { url: offer.url, method: request.method } } : request.routeOptions;
}

/** How a route is told to people: with the mount's path where the configuration names it; of others there may be any number. */
export function routeName(request: FastifyRequest, mounts: MountList): string {
  const { url = "unknown" } = routeOf(request);
  const found = isOfMount(url) ? mounts.at(textsByName(request.params).mount ?? "") : undefined;
  return found && !found.made ? url.replace(MOUNT, found.path) : url;
}

/** Nothing has its path, whatever the method. */
export function isNowhere(request: FastifyRequest): boolean {
  return request.is404 && !refused.has(request);
}

const ROUTABLE: readonly HTTPMethod[] = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

/**
 * What the paths offer, so that other methods are a 405. A route for each of those would be two of three routes, and Fastify's router
 * compiles functions for every one: half of what a start costs. They are looked up where nothing else is found.
 */
export class Offers {
  readonly #offers = new Map<string, Offer>();
  readonly #mounts: MountList;
  #paths: router.Instance<router.HTTPVersion.V1> | undefined;

  constructor(mounts: MountList) {
    this.#mounts = mounts;
  }

  /** Adds all routes that there are, each some in a scope of their own, so that other methods of their paths are refused. */
  add(app: VaultApp, some: readonly ((scope: VaultApp) => unknown)[]): void {
    const take = (scope: Scope, route: RouteOptions) => this.#take(scope, route);
    for (const routes of some) {
      scoped(app, (scope) => {
        scope.addHook("onRoute", function (route) {
          take(this, route);
        });
        routes(scope);
      });
    }
    scoped(app, (scope) => this.#refuseHidden(scope));
  }

  #take(scope: Scope, { url, method }: RouteOptions): void {
    const offer = this.#offers.get(url) ?? { url, scope, methods: new Set() };
    for (const one of [method].flat()) if (isRoutable(one)) offer.methods.add(one);
    this.#offers.set(url, offer);
  }

  /** Whether a request is refused for its method; to be asked first. With its path come its parameters. */
  look(request: FastifyRequest): void {
    const { method, raw, is404, routeOptions } = request;
    if (!is404) {
      if (routeOptions.config.refusedBy) refused.set(request, routeOptions.config.refusedBy);
      return;
    }
    if (!isRoutable(method)) return;
    const found = this.#router().find("GET", raw.url ?? "");
    const offer = this.#offers.get(String(found?.store));
    if (!found || !offer || offer.methods.has(method)) return;
    if (isOfMount(offer.url) && !isBelowMount(this.#mounts, raw.url ?? "")) return;
    refused.set(request, offer);
    request.params = found.params;
  }

  /** Made when first something is not found, which in most processes is never. */
  #router() {
    const made = this.#paths ?? router({ maxParamLength: Number.MAX_SAFE_INTEGER, querystringParser: () => ({}) });
    if (!this.#paths) for (const url of this.#offers.keys()) made.on("GET", url, () => {}, url);
    this.#paths = made;
    return made;
  }

  /**
   * Routes that refuse what a path does not offer and a wider one does (`creds/` and `creds/*`), which would take it.
   */
  #refuseHidden(app: VaultApp): void {
    const wide = [...this.#offers.values()].flatMap((offer) => {
      const [, head] = /^([^:*]*)[:*]/.exec(offer.url) ?? [];
      return head === undefined ? [] : [{ ...offer, head, parts: offer.url.split("/") }];
    });
    for (const offer of this.#offers.values()) {
      const { url, methods } = offer;
      const parts = url.split("/");
      // One that begins otherwise is looked at later than this, or never.
      const beside = wide.filter((one) => one.url !== url && isOfMount(one.url) === isOfMount(url));
      const over = beside.filter((one) => url.startsWith(one.head) && meet(parts, one.parts));
      const method = ROUTABLE.filter((one) => !methods.has(one) && over.some((it) => it.methods.has(one)));
      if (method.length === 0) continue;
      const route = { method, url, config: { refusedBy: offer }, schema: { hide: true }, handler: async () => {} };
      app.route(isOfMount(url) ? { ...route, constraints: OF_MOUNT } : route);
    }
  }
}

function isRoutable(method: string): method is HTTPMethod {
  return ROUTABLE.some((one) => one === method);
}

/** Whether there is a path that two patterns have. */
function meet(one: readonly string[], other: readonly string[]): boolean {
  for (const [index, part] of one.entries()) {
    const beside = other[index];
    if (beside === undefined) return false;
    if (part === "*" || beside === "*") return true;
    if (part !== beside && !part.startsWith(":") && !beside.startsWith(":")) return false;
  }
  return one.length === other.length;
}
