import { type Answer, CoatcheckError, type Operator, type Parameters } from "../../client/index.ts";
import { pause } from "../../client/time.ts";
import { CliError, EXIT } from "../frame/fail.ts";

/** What a login brings. */
export interface LoggedIn {
  readonly token: string;
  readonly policies: readonly string[];
  /** Seconds; 0 = it does not end. */
  readonly lasts: number;
}

/** A login by what a program has: a signed token, a secret id, a certificate. */
export async function logIn(broker: Operator, path: string, parameters: Parameters): Promise<LoggedIn> {
  return loggedIn(await broker.write(`auth/${path}/login`, parameters));
}

/** Begins a login of a person. */
interface Begun {
  readonly url: string;
  readonly state: string;
  readonly userCode: string;
  /** Seconds. */
  readonly interval: number;
}

interface Person {
  readonly path: string;
  readonly role: string;
  readonly redirectUri: string;
  readonly nonce: string;
}

export async function beginPerson(broker: Operator, { path, role, redirectUri, nonce }: Person): Promise<Begun> {
  const body = { role, redirect_uri: redirectUri, client_nonce: nonce };
  const { data } = (await broker.write(`auth/${path}/oidc/auth_url`, body)) ?? {};
  const { auth_url: url, state, poll_interval: interval, user_code: userCode } = data ?? {};
  if (typeof url !== "string" || url === "") {
    const text = `nobody can sign in at auth/${path} like this: check the name of the role, and that it allows the redirect URI ${redirectUri}`;
    throw new CliError("login_refused", text, { exit: EXIT.refused });
  }
  if (typeof state !== "string") {
    const text = `the role wants a program that listens: give it callback_mode=direct, or use bao login -method=oidc -path=${path}`;
    throw new CliError("login_refused", text, { exit: EXIT.refused });
  }
  return { url, state, interval: Number(interval) || 5, userCode: typeof userCode === "string" ? userCode : "" };
}

/** A login of a person takes 10 minutes at most: then the broker says that nobody waits. */
export async function awaitPerson(broker: Operator, { path, nonce }: Person, begun: Begun): Promise<LoggedIn> {
  let { interval } = begun;
  // A provider's own device page is asked about by its interval from the start.
  for (let isFirst = begun.userCode === ""; ; isFirst = false) {
    if (!isFirst) await pause(interval * 1000);
    try {
      return loggedIn(await broker.write(`auth/${path}/oidc/poll`, { state: begun.state, client_nonce: nonce }));
    } catch (error) {
      if (!(error instanceof CoatcheckError)) throw error;
      if (error.message === "slow_down") interval += 5;
      else if (error.message !== "authorization_pending") throw error;
    }
  }
}

function loggedIn(answer: Answer | undefined): LoggedIn {
  const { client_token: token, policies, lease_duration: lasts } = answer?.auth ?? {};
  if (typeof token !== "string") throw new CliError("unexpected_answer", "the broker's answer has no token in it");
  const named = Array.isArray(policies) ? policies.map(String) : [];
  return { token, policies: named, lasts: typeof lasts === "number" ? lasts : 0 };
}
