import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { Authenticate, Principal } from "../access/authenticator.ts";
import type { Audit } from "../audit/audit.ts";
import type { Access } from "../broker/access.ts";
import type { Auth } from "../broker/auth.ts";
import type { Broker } from "../broker/broker.ts";
import type { KeyRotation } from "../broker/keys/keys.ts";
import type { MountChanges, MountList } from "../broker/mounts.ts";
import type { DocsContent } from "../docs/content.ts";
import type { Limits } from "../process/limits.ts";
import type { Log } from "../process/log.ts";
import type { Trace } from "../process/trace.ts";
import type { BodyAccount } from "./input/read-body.ts";
import type { VaultTypes } from "./input/validator.ts";

/** Of the clock only what is needed here: http/ does not import it. */
export interface Ticker {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never jump. */
  monotonic(): number;
  /** Calls back once; returns its cancellation. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** Of the house's one limiter what is counted here; see broker/process/rate-limit. */
interface Limiter {
  /** 0, or the seconds until the next one may come. */
  take(what: "wrong token" | "proxy not understood" | "crowded", who: string, perMinute: number): number;
}

/** What the process can say about itself (vault-http.md section 3). */
export interface Health {
  readonly initialized: boolean;
  readonly sealed: boolean;
  readonly storeDown: boolean;
  /** A copy of a store, which serves what is valid and does no more. */
  readonly copy: boolean;
  /** Why no answer leaves: no device of the audit log takes a line. */
  readonly auditBlocked?: string | undefined;
}

/** What refreshes and the queue did in a span of time that begins so (epoch milliseconds); seconds, of all tasks and of the latest. */
export interface ActivitySlice {
  readonly from: number;
  readonly refreshed: number;
  readonly failed: number;
  readonly tasks: number;
  readonly late: number;
  readonly latest: number;
}

/** Of one tool of an MCP server in the last hour. */
export interface ToolCalls {
  /** Both empty: of all that there was no place for. */
  readonly server: string;
  readonly tool: string;
  readonly calls: number;
  readonly refused: number;
}

/** What the process does now, and has done of late: see process/metrics. */
export interface Activity {
  readonly gauges: {
    readonly operations: number;
    readonly refreshes: number;
    readonly waiting: number;
    readonly programs: number;
    readonly paused: number;
    readonly copy: boolean;
    readonly moved: boolean;
  };
  readonly due?: ReadonlyMap<string, number>;
  readonly hour: readonly ActivitySlice[];
  readonly day: readonly ActivitySlice[];
  readonly calls: readonly ToolCalls[];
}

/** What a provider wants to be told of a server: its data (providers/provider.ts). */
interface ProviderView {
  readonly docs: string;
  readonly register?: string;
  readonly note?: string;
  readonly needsClientId: boolean;
  readonly options: readonly (readonly [name: string, option: ProviderOption])[];
}

export interface ProviderOption {
  readonly kind: string;
  readonly about?: string;
  readonly required?: string;
  readonly requiredUnless?: string;
  readonly default?: string;
  readonly choices?: readonly string[];
}

/** The scripts of the pages that have some, by their paths below `/walk/`. */
export interface WalkFiles {
  /** The script of each page that has one. */
  readonly entries: { readonly walk: string; readonly start: string; readonly docs: string; readonly face: string };
  readonly scripts: ReadonlyMap<string, string>;
  /** Name of a package → the path of its script. */
  readonly packages: ReadonlyMap<string, string>;
}

/** A homeserver that plays, for the walk. */
export interface Simulator {
  readonly name: string;
  /** What it behaves like. */
  readonly of: string;
  readonly url: string;
}

/** A command to paste, and what it shows. */
export interface DemoStep {
  readonly title: string;
  readonly text: string;
  readonly command: string;
}

/** What a broker for development has to try. */
export interface Demo {
  /** The name by which the broker knows the demo server; it has an API `api`. */
  readonly server: string;
  readonly steps: readonly DemoStep[];
}

/** Everything the routes work with; made in compose. */
export interface AppOptions {
  readonly broker: Broker;
  readonly access: Access;
  readonly auth: Auth;
  /** Absent where nobody watches. */
  readonly trace?: Trace;
  readonly authenticate: Authenticate;
  /** Tells whose a token is now, as far as that needs no look at the store: whom it does not know, `authenticate` may. */
  readonly recognizer?: (token: string) => () => Principal | undefined;
  /** Who may read metrics; by default nobody else. */
  readonly readsMetrics?: Authenticate;
  /** Metrics are answered by an application of their own (`buildMetricsApp`). */
  readonly metricsElsewhere?: boolean;
  /** Who must have a line of whatever is answered. */
  readonly audit: Audit;
  readonly clock: Ticker;
  readonly logger: Log;
  readonly limiter: Limiter;
  /** What it takes on at once; by default those of process/limits. */
  readonly limits?: Limits;
  /** Those that there are now: never remembered, always asked. */
  readonly mounts: MountList;
  readonly mountChanges: MountChanges;
  health(): Health | Promise<Health>;
  /** Prometheus's text format. */
  metrics(): Promise<string>;
  activity(): Promise<Activity>;
  readonly providers: { ids(): readonly string[]; read(id: string): ProviderView | undefined };
  readonly keys: KeyRotation;
  /** Leaves the data to another database; answers how much is still under way. */
  readonly handOver: { go(deployment: string): Promise<number> };
  /** Browsers reach it by https: their cookies are bound to that. */
  readonly securePages?: boolean;
  /** Reverse proxies whose word about addresses is taken; without it nobody's. */
  readonly isTrustedProxy?: (address: string) => boolean;
  /** Origins whose pages may use sessions. */
  readonly allowedOrigins?: ReadonlySet<string>;
  /** The origin of its own pages, as browsers know it. */
  readonly ownOrigin?: string;
  /** Whether requests that come in at an address, if at one, may name this host (lower case, without port); without it they may name any. */
  readonly isOwnHost?: (host: string, at: string | undefined) => boolean;
  walkFiles(): WalkFiles;
  /** The documentation; loaded when somebody asks. */
  docs(): Promise<DocsContent>;
  readonly simulators?: readonly Simulator[];
  /** Of a broker for development, once its demo server is there. */
  demo?(): Demo | undefined;
  /** Where browsers and providers reach the broker; absent when it listens on a socket alone. */
  readonly publicUrl?: string;
  /** JWK: what the broker's signatures as a client are verified by, where it signs (MCP-R2). */
  readonly clientKey?: Readonly<Record<string, unknown>>;
  /** Of a person's own broker: where browsers come back to it, if a server record says nothing else. */
  readonly loopbackUrl?: string;
  /** UUID of the deployment. */
  readonly clusterId: string;
  /** In Vault's words: `file` or `postgresql`. */
  readonly storageType: string;
  /** The product's version; the version of the spoken API is `VAULT_VERSION`. */
  readonly version: string;
}

export interface Deps extends AppOptions {
  /** Where the bytes of a request's body are counted; of somebody who is known only in all. */
  accountOf(request: FastifyRequest, whose?: { readonly isKnown: boolean }): BodyAccount;
  /** What is answered only waits: it makes room for whoever comes, when there is none. */
  givesWay(response: FastifyReply["raw"]): void;
}

/** An instance whose handlers get `Input` by schema. */
export type VaultApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  VaultTypes
>;
