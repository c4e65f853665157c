/** What another program keeps, as far as it can be had: servers and logins for the broker, and what stays where it is. */
export interface Found {
  readonly servers: readonly FoundServer[];
  readonly logins: readonly FoundLogin[];
  readonly left: readonly LeftBehind[];
}

export interface FoundServer {
  readonly name: string;
  /** As `servers/NAME` takes it. */
  readonly record: ServerRecord;
  /** What the other program asks for; a server record has none. */
  readonly scopes?: readonly string[];
  /** What whoever signs in with it has to know, in one sentence. */
  readonly note?: string;
}

export interface ServerRecord {
  readonly provider: string;
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly token_endpoint_auth_method?: string;
  readonly provider_options?: Readonly<Record<string, string>>;
  readonly auth_url_params?: Readonly<Record<string, string>>;
}

/** A grant that goes on without a new login. */
export interface FoundLogin {
  /** Of the credential to be. */
  readonly name: string;
  readonly server: string;
  readonly refreshToken: string;
}

/** What nobody can take over, or not by itself: why, and the command that leads on. */
export interface LeftBehind {
  readonly what: string;
  readonly why: string;
  readonly next: Command;
  /** The command whose output the other one reads. */
  readonly from?: Command;
}

/** Word by word. */
export type Command = readonly string[];

export function together(all: readonly Found[]): Found {
  return {
    servers: all.flatMap(({ servers }) => servers),
    logins: all.flatMap(({ logins }) => logins),
    left: all.flatMap(({ left }) => left),
  };
}

/** A source that is not what it should be; the message says what was expected. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}

/** The members of a JSON object; `what` names it in the error, which repeats nothing of the text. */
export function objectIn(text: string, what: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Said below: a parser's own words would show a part of the text.
  }
  throw new SourceError(`${what} is no JSON object`);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The members of an object that are texts. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => (typeof one === "string" ? [[key, one] as const] : [])),
  );
}
