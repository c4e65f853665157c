import { type Static, Type } from "typebox";
import { optional, strings, time } from "./answer-field.ts";
import { bool, integer, text } from "./field.ts";
import { SessionAccount, SessionStatus } from "./session.ts";
import { prompt } from "./session-prompt.ts";

/** What operators see and do of sessions. */

export const SessionListParameters = Type.Object({
  server: text("Only sessions of this server"),
  label: text(
    "Only sessions of programs that call themselves so; a page may have fewer than `limit`, or none, while there are more",
  ),
  account: text("Only sessions of this account, whose login works: its subject or its name, in whichever case"),
  status: text("Only those that are pending, active, or ended (denied, expired, failed); empty = all"),
  counts: bool(
    "Tell how many logins of sessions are in each state, of all; for tokens that may list every session",
    false,
  ),
  whose: text(
    "`mine`: only sessions that the caller's own token began, or of the account that the caller signed in as; `others`: only the rest",
  ),
  after: text("`next` of the previous page"),
  limit: integer("Maximum number of sessions, up to 1000", 100),
});
export type SessionListParameters = Static<typeof SessionListParameters>;

export const ListedSession = Type.Object({
  id: Type.String(),
  status: SessionStatus,
  server: Type.String(),
  scopes: strings("As requested"),
  label: Type.Optional(Type.String()),
  account: Type.Optional(SessionAccount),
  reason: Type.Optional(Type.String()),
  address: optional("Address from which the login was started"),
  credential: Type.String({ description: "Name of its credential, under creds/ of the mount" }),
  created_time: time("When the login was started"),
  last_used_time: time("Rounded to the hour"),
  yours: Type.Boolean({
    description: "The caller's own token began it, or it is of the account that the caller signed in as",
  }),
  may_end: Type.Boolean({ description: "The caller's token may end it (`DELETE /sessions/ID`)" }),
});
export type ListedSession = Static<typeof ListedSession>;

/** By itself, one that is the caller's says what its person needs while it waits. */
export const OneSession = Type.Object({ ...ListedSession.properties, ...prompt });
export type OneSession = Static<typeof OneSession>;

const Counted = Type.Integer({ minimum: 0, maximum: 10_000 });

export const SessionList = Type.Object({
  counts: Type.Optional(
    Type.Object(
      { pending: Counted, active: Counted, failed: Counted },
      {
        description:
          "Asked for with `counts`; 10000 = so many or more. A login that is to take the place of another counts too. Absent while credentials of an older version are still being indexed",
      },
    ),
  ),
  sessions: Type.Array(ListedSession),
  next: optional("Cursor of the next page; absent on the last one"),
  warnings: Type.Optional(Type.Array(Type.String())),
});
export type SessionList = Static<typeof SessionList>;

/** Every session whose login was started in a range of time is ended; providers are told by and by. */
export const RevokeSessionsParameters = Type.Object({
  since: text("RFC 3339; the start of the range, inclusive; required"),
  until: text("RFC 3339; the end of the range, exclusive; empty = now"),
  server: text("Only sessions of this server"),
});
export type RevokeSessionsParameters = Static<typeof RevokeSessionsParameters>;

export const RevokedSessions = Type.Object({
  revoked: Type.Integer({ description: "Number of sessions that were ended", minimum: 0 }),
  warnings: Type.Optional(Type.Array(Type.String())),
});
export type RevokedSessions = Static<typeof RevokedSessions>;
