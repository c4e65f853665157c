import { type Static, Type } from "typebox";
import { commaList, secretText, text } from "./field.ts";

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
