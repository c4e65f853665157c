import { type Static, Type } from "typebox";
import { bool, commaList, integer, pairs, secretText, text } from "./field.ts";

/** Policies, at both of their URLs (vault-http.md 6.1). */
export const PolicyParameters = Type.Object({
  policy: text("The policy in Vault's language: HCL or JSON, plain or in base64"),
});
export type PolicyParameters = Static<typeof PolicyParameters>;

export const OldPolicyParameters = Type.Object({
  policy: text("The policy in Vault's language: HCL or JSON, plain or in base64"),
  rules: text("The same, as older clients call it"),
});
export type OldPolicyParameters = Static<typeof OldPolicyParameters>;

export const PolicyData = Type.Object({ name: Type.String(), policy: Type.String() });
export type PolicyData = Static<typeof PolicyData>;

export const OldPolicyData = Type.Object({ name: Type.String(), rules: Type.String() });
export type OldPolicyData = Static<typeof OldPolicyData>;

export const OldPolicyList = Type.Object({ keys: Type.Array(Type.String()), policies: Type.Array(Type.String()) });
export type OldPolicyList = Static<typeof OldPolicyList>;

export const CapabilitiesParameters = Type.Object({
  paths: commaList("Paths of the API behind /v1/"),
  path: commaList("The same; older clients call it so"),
  token: secretText("Of `sys/capabilities`: the token"),
  accessor: text("Of `sys/capabilities-accessor`: the accessor of the token"),
});
export type CapabilitiesParameters = Static<typeof CapabilitiesParameters>;

/** By path; of a single one also under `capabilities`. */
export const CapabilitiesData = Type.Record(Type.String(), Type.Array(Type.String()));

export const PolicyCheckParameters = Type.Object({
  policy: text("The policy in Vault's language: HCL or JSON"),
  path: text("Path of the API behind /v1/"),
  method: text("GET, LIST, PUT, POST or DELETE"),
});

/** Seconds of `X-Vault-Wrap-TTL`. */
const wrapping = (description: string) => Type.Optional(Type.Integer({ description }));
const named = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));

const PolicyLimitsData = Type.Object(
  {
    required_parameters: named("Parameters that have to be sent"),
    allowed_parameters: named("No others may be sent, and these with the values that the rule names; `*` = any"),
    denied_parameters: named("Parameters that may not be sent, or not with the values that the rule names"),
    min_wrapping_ttl: wrapping("The answer has to be wrapped, for so many seconds at least"),
    max_wrapping_ttl: wrapping("The answer has to be wrapped, for so many seconds at most"),
  },
  { description: "What else the rule wants of the request; absent = nothing" },
);

export const PolicyCheckData = Type.Object({
  allowed: Type.Boolean({ description: "A token with this policy alone could do it, within `limits`" }),
  path: Type.String({ description: "As policies name it" }),
  operation: Type.String(),
  capabilities: Type.Array(Type.String(), { description: "At this path" }),
  needs_sudo: Type.Boolean({ description: "The path wants `sudo` as well" }),
  rule: Type.Optional(Type.String({ description: "Path of the rule that decides; absent = none fits" })),
  limits: Type.Optional(PolicyLimitsData),
  templates: Type.Array(Type.String(), { description: "Rules for whoever holds the token, which were left out" }),
});

/** Audit devices (vault-http.md section 9). */
export const AuditParameters = Type.Object({
  type: text("`file` (also standard output) or `socket`"),
  description: text("For people"),
  local: bool("Accepted and shown; each instance opens its own device in any case", false),
  options: pairs("`file_path`, `mode`; `address`, `socket_type`; `hmac_accessor`, `prefix`, `elide_list_responses`"),
  replace: bool("Change the device of that name, if there is one: its salt stays", false),
});
export type AuditParameters = Static<typeof AuditParameters>;

const AuditDeviceData = Type.Object({
  path: Type.String(),
  type: Type.String(),
  description: Type.String(),
  local: Type.Boolean(),
  options: Type.Record(Type.String(), Type.String()),
  signing_key: Type.Optional(Type.String({ description: "Public key by which the heads of its lines are signed" })),
});

export const AuditDevicesData = Type.Record(Type.String(), AuditDeviceData);

export const AuditHashParameters = Type.Object({ input: secretText("The value to look for") });
export const AuditHashData = Type.Object({ hash: Type.String({ description: "`hmac-sha256:…`" }) });

export const AuditSearchParameters = Type.Object({
  text: secretText("What a line has to have in it, in clear or hashed; empty = any line"),
  before: integer("`next` of the page before; 0 = the end of the file", 0),
  limit: integer("Lines of a page, at most 200", 50),
});

export const AuditSearchData = Type.Object({
  lines: Type.Array(Type.Record(Type.String(), Type.Unknown()), { description: "The latest first" }),
  next: Type.Optional(Type.Integer({ description: "Where there is more to look at, towards the beginning" })),
});
