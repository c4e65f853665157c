import { type Static, Type } from "typebox";
import { optional, time } from "./answer-field.ts";
import { bool, integer, seconds, text } from "./field.ts";
import { SessionAccount } from "./session.ts";

const listFields = {
  list: bool("List instead of read", false),
  after: text("The last key of the previous page"),
  limit: integer("Maximum number of keys; 0 = all. key_info comes with at most 1000", 0),
};

export const ListParameters = Type.Object(listFields);
export type ListParameters = Static<typeof ListParameters>;

/** Which credentials a list has; with any but `prefix` it has one page of at most 1,000. */
const filters = {
  prefix: text("Only names that begin so, below the path that is listed"),
  status: text("Only pending, issued, failed, or failing (failed, or with a reason); empty = all"),
  server: text("Only credentials of this server"),
  account: text("Only credentials of this account: its subject or its name, in whichever case"),
};

const counts = {
  counts: bool("Tell how many are in each state, of all whose names begin so, whatever else is filtered", false),
};

export const CredentialListParameters = Type.Object({ ...listFields, ...filters, ...counts });
export type CredentialListParameters = Static<typeof CredentialListParameters>;

export const TokenReadParameters = Type.Object({
  ...listFields,
  ...filters,
  ...counts,
  minimum_seconds: seconds("Minimum remaining lifetime of the token in seconds", 0),
});
export type TokenReadParameters = Static<typeof TokenReadParameters>;

export const KeyList = Type.Object({ keys: Type.Array(Type.String()) });
export type KeyList = Static<typeof KeyList>;

/** What a list tells of a credential, and its history too. */
export const credentialInfo = {
  status: Type.Union([Type.Literal("pending"), Type.Literal("issued"), Type.Literal("failed")]),
  server: Type.String(),
  reason: optional("Why it failed, or what is wrong with it now: see docs/errors.md"),
  fixed_by: Type.Optional(
    Type.Union([Type.Literal("person"), Type.Literal("operator"), Type.Literal("time")], {
      description: "Who mends what the reason says: a person who signs in again, an operator, or time",
    }),
  ),
  expire_time: time("Expiry of the access token, or of the code of a pending login"),
  account: Type.Optional(SessionAccount),
};
const CredentialInfo = Type.Object(credentialInfo);
export type CredentialInfo = Static<typeof CredentialInfo>;

const Counted = Type.Integer({ minimum: 0, maximum: 10_000 });

export const CredentialKeyList = Type.Object({
  keys: Type.Array(Type.String(), { description: "Names, relative to the path that is listed, in byte order" }),
  key_info: Type.Optional(
    Type.Record(Type.String(), CredentialInfo, {
      description:
        "What each key is, without tokens and codes; absent in a list of more than 1000 keys. A damaged record has none",
    }),
  ),
  counts: Type.Optional(
    Type.Object(
      { pending: Counted, issued: Counted, failed: Counted, failing: Counted },
      {
        description:
          "Asked for with `counts`; 10000 = so many or more. `failed` counts a dead grant also while its last access token lives; `failing` is `failed` and all with a reason. Absent while credentials of an older version are still being indexed",
      },
    ),
  ),
  next: optional(
    "The `after` of the next page; absent on the last one. A page of a filter may have fewer keys than `limit`, or none",
  ),
});
export type CredentialKeyList = Static<typeof CredentialKeyList>;
