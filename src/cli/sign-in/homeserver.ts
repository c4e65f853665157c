import { CoatcheckError } from "../../client/index.ts";
import { OWN } from "../connect/broker.ts";
import { operatorOf } from "../connect/operator.ts";
import { CliError, failureOf } from "../frame/fail.ts";

/** What was typed behind `login`, as a broker's server; a person's own broker adds a homeserver that it does not know. */
interface LoginServer {
  readonly server: string;
  readonly options?: Readonly<Record<string, string>>;
  /** A Matrix homeserver by its name or base URL. */
  readonly homeserver?: string;
}

/** A name with a dot or a port; a plain word is a server that somebody has set up. */
const HOST_NAME = /^(?=.*[.:])[\w.-]+(:\d{1,5})?$/;
const USER_ID = /^@[^:\s]+:(\S+)$/;

/** `example.org`, `@me:example.org` and `https://matrix.example.org` mean homeservers, where the broker is one's own. */
export function serverOf(typed: string, broker: string): LoginServer {
  if (broker !== OWN) return { server: typed };
  const server = USER_ID.exec(typed)?.[1];
  if (server !== undefined) return { server, homeserver: server, options: { user_id: typed } };
  if (/^https?:\/\//.test(typed) && URL.canParse(typed)) return { server: new URL(typed).host, homeserver: typed };
  return HOST_NAME.test(typed) ? { server: typed, homeserver: typed } : { server: typed };
}

/** Adds it to the person's own broker, which looks first whether it is one. */
export async function addHomeserver(login: LoginServer): Promise<void> {
  const { server, homeserver = server } = login;
  const { servers } = await operatorOf({ addr: OWN });
  const record = { provider: "matrix", provider_options: { homeserver }, allow_sessions: true };
  await servers.write(server, record).catch((error: unknown) => {
    throw error instanceof CoatcheckError ? problemOf(login, error) : error;
  });
}

/** Whether another name, another time or another program is the way on. */
function problemOf({ server, homeserver = server, options }: LoginServer, error: CoatcheckError): CliError {
  const { code, message, status = 0 } = error;
  const { exit } = failureOf(error);
  if (code === "unsupported_grant_type")
    return new CliError(code, `${message}; sign in there with your Matrix client, not with Coatcheck`, { exit: 1 });
  if (status >= 500)
    return new CliError(code, `the homeserver "${server}" does not answer as it should: ${message}`, {
      exit,
      next: ["coatcheck", "login", options?.user_id ?? homeserver],
    });
  return new CliError(
    code,
    `your own broker has no server "${server}", and it is not a usable homeserver: ${message}`,
    { exit, next: ["coatcheck", "server", "add", "--help"] },
  );
}
