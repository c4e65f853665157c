import { test } from "node:test";
import type * as api from "../../src/api/index.ts";
import type * as client from "../../src/client/index.ts";

/** Compiles only if each type can stand for the other. */
type Same<A, B> = [A, B] extends [B, A] ? true : never;

/** The library's written-out types are the schemas': a field that is added on one side stops the compiler here. */
const same: {
  status: Same<client.SessionStatus, api.SessionStatus>;
  parameters: Same<Required<client.SessionParameters>, Required<api.SessionParameters>>;
  started: Same<Required<client.SessionStarted>, Required<api.SessionStarted>>;
  data: Same<Required<client.SessionData>, Required<api.SessionData>>;
  optional: Same<client.SessionData, api.SessionData>;
  token: Same<Required<client.SessionTokenData>, Required<api.SessionTokenData>>;
  listed: Same<Required<client.SessionList["sessions"][number]>, Required<api.SessionList["sessions"][number]>>;
  codes: api.SessionErrorCode extends client.KnownCode ? true : never;
} = {
  status: true,
  parameters: true,
  started: true,
  data: true,
  optional: true,
  token: true,
  listed: true,
  codes: true,
};

/** Never called: each line must compile, or must not. */
async function uses(session: client.Session, error: client.CoatcheckError): Promise<void> {
  const token: string = await session.token({ minValid: 60 });
  // @ts-expect-error a session's state is closed
  (await session.status()).status === "done";
  // @ts-expect-error login needs somebody to show the code
  const incomplete: client.LoginOptions = { broker: "https://x", server: "github" };
  const code: client.ErrorCode = error.code === "access_denied" ? error.code : "another";
  void [token, incomplete, code];
}

test("the library's types are the wire's", () => {
  void [same, uses];
});
