import { type Static, Type } from "typebox";
import { time } from "./answer-field.ts";
import { integer, text } from "./field.ts";

/** Statuses a load balancer wants instead of the usual ones (vault-http.md section 3). */
export const HealthParameters = Type.Object({
  activecode: integer("Status when active", 200),
  sealedcode: integer("Status when sealed, or when the store or the audit log is not available", 503),
  uninitcode: integer("Status when not initialised", 501),
  standbycode: integer("Status when the store is a restored copy that sends nothing to providers", 429),
  drsecondarycode: integer("Accepted and ignored; every instance is active", 472),
  performancestandbycode: integer("Accepted and ignored; every instance is active", 473),
  standbyok: text("Accepted and ignored; every instance is active"),
  perfstandbyok: text("Accepted and ignored; every instance is active"),
});
export type HealthParameters = Static<typeof HealthParameters>;

export const HealthData = Type.Object({
  initialized: Type.Boolean(),
  sealed: Type.Boolean(),
  standby: Type.Boolean(),
  performance_standby: Type.Boolean(),
  replication_performance_mode: Type.String(),
  replication_dr_mode: Type.String(),
  server_time_utc: Type.Integer({ description: "Seconds since the Unix epoch" }),
  version: Type.String({ description: "The version of Vault whose API this is" }),
  cluster_name: Type.String(),
  cluster_id: Type.String(),
  audit_blocked: Type.Optional(
    Type.String({ description: "Why no answer leaves: no device of the audit log takes a line" }),
  ),
});
export type HealthData = Static<typeof HealthData>;

export const SealStatusData = Type.Object({
  type: Type.String(),
  initialized: Type.Boolean(),
  sealed: Type.Boolean(),
  t: Type.Integer(),
  n: Type.Integer(),
  progress: Type.Integer(),
  nonce: Type.String(),
  version: Type.String(),
  build_date: Type.String({ format: "date-time" }),
  migration: Type.Boolean(),
  cluster_name: Type.String(),
  cluster_id: Type.String(),
  recovery_seal: Type.Boolean(),
  storage_type: Type.String(),
});
export type SealStatusData = Static<typeof SealStatusData>;

export const LeaderData = Type.Object({ ha_enabled: Type.Boolean() });
export type LeaderData = Static<typeof LeaderData>;

export const InitData = Type.Object({ initialized: Type.Boolean() });
export type InitData = Static<typeof InitData>;

/** One mount as Vault's preflight request describes it (section 4). */
export const MountData = Type.Object({
  path: Type.Optional(Type.String()),
  type: Type.String(),
  description: Type.String(),
  accessor: Type.String(),
  local: Type.Boolean(),
  seal_wrap: Type.Boolean(),
  external_entropy_access: Type.Boolean(),
  options: Type.Union([
    Type.Null(),
    Type.Object({ callback_url: Type.String({ description: "The redirect URI to enter at providers" }) }),
  ]),
  plugin_version: Type.String({ description: "Always empty: the engine is built in" }),
  running_plugin_version: Type.String({ description: "A semantic version: clients parse it" }),
  running_sha256: Type.String(),
  uuid: Type.String(),
  config: Type.Object({
    default_lease_ttl: Type.Integer(),
    max_lease_ttl: Type.Integer(),
    force_no_cache: Type.Boolean(),
  }),
});
export type MountData = Static<typeof MountData>;

/** A token (section 5). */
export const TokenLookupData = Type.Object({
  id: Type.String(),
  accessor: Type.String(),
  policies: Type.Array(Type.String()),
  path: Type.String(),
  meta: Type.Union([Type.Record(Type.String(), Type.String()), Type.Null()]),
  display_name: Type.String(),
  num_uses: Type.Integer(),
  orphan: Type.Boolean(),
  creation_time: Type.Integer({ description: "Seconds since the Unix epoch" }),
  creation_ttl: Type.Integer(),
  expire_time: Type.Union([Type.String({ format: "date-time" }), Type.Null()]),
  ttl: Type.Integer(),
  explicit_max_ttl: Type.Integer(),
  entity_id: Type.String(),
  type: Type.String(),
  renewable: Type.Boolean(),
  issue_time: time("When it was made"),
  period: Type.Optional(Type.Integer({ description: "Seconds that each renewal gives" })),
  role: Type.Optional(Type.String({ description: "Of `auth/token`, as which it was made" })),
  bound_cidrs: Type.Optional(Type.Array(Type.String({ description: "Where it may be used from" }))),
  last_renewal: time("When it was renewed last"),
  last_renewal_time: Type.Optional(Type.Integer({ description: "Seconds since the Unix epoch" })),
});
export type TokenLookupData = Static<typeof TokenLookupData>;

/** Of a broker that leaves its data to another database. */
export const HandOverParameters = Type.Object({
  deployment: text("UUID of the deployment that is to be left; another one is refused"),
});
export type HandOverParameters = Static<typeof HandOverParameters>;

export const HandOverData = Type.Object({
  under_way: Type.Integer({
    description: "Operations that are not settled yet: ask again; 0 = nothing changes here any more",
  }),
});
export type HandOverData = Static<typeof HandOverData>;

/** What this instance does now, and has done of late; counted in memory since its start. */
const count = (description: string) => Type.Integer({ description, minimum: 0 });

const Slice = Type.Object({
  time: Type.String({ format: "date-time", description: "When the span begins" }),
  refreshed: count("Refreshes that brought a token"),
  failed: count("Refreshes that brought none: refused, without a usable answer, or in doubt"),
  tasks: count("Tasks of the queue that began"),
  late_average: Type.Number({ description: "How long after its time a task began, on average; seconds" }),
  late_most: Type.Number({ description: "And at most" }),
});

export const ActivityData = Type.Object({
  due: Type.Optional(
    Type.Record(Type.String(), Type.Integer(), {
      description:
        "Rows that are due and wait, by task; at most 100000 are counted. Absent while the store does not answer",
    }),
  ),
  operations: count("Operations in progress"),
  refreshes: count("Refreshes that have been sent a moment ago"),
  waiting: count("Refreshes that readers wait for, and that wait for a place"),
  programs: count("Programs that wait for a session"),
  servers_paused: count("Servers that are left alone for a while after repeated failures"),
  copy: Type.Boolean({ description: "The store is a restored copy: nothing is sent to providers" }),
  moved: Type.Boolean({ description: "The data are in another database: nothing is sent from here" }),
  hour: Type.Array(Slice, { description: "The last 60 minutes, one each" }),
  day: Type.Array(Slice, { description: "The last 24 hours, half an hour each" }),
  mcp_calls: Type.Array(
    Type.Object({
      server: Type.String(),
      tool: Type.String({ description: "Empty, as its server: of all that there was no place for" }),
      calls: count("Calls in the last hour"),
      refused: count("Of them those that were denied, or got no answer of success"),
    }),
    { description: "Tools of MCP servers, at most 200, the most called first" },
  ),
});
export type ActivityData = Static<typeof ActivityData>;
