import type { Operator } from "../../client/index.ts";
import type { Found, FoundLogin, FoundServer, LeftBehind } from "../../import/found.ts";
import { failureOf } from "../frame/fail.ts";
import { type Output, shellWords } from "../frame/output.ts";

/** As the broker takes it. */
type Body = Pick<FoundServer["record"], keyof FoundServer["record"]> & { readonly allow_sessions: boolean };

/** What is to be written; what is there already, or stands in the way. */
export interface Plan {
  readonly servers: readonly { readonly server: FoundServer; readonly body: Body }[];
  readonly logins: readonly FoundLogin[];
  readonly same: readonly string[];
  readonly refused: readonly { readonly what: string; readonly why: string }[];
  readonly left: readonly LeftBehind[];
}

export async function planOf(
  broker: Operator,
  { servers, logins, left }: Found,
  allow_sessions: boolean,
): Promise<Plan> {
  const plan = {
    servers: [] as Plan["servers"][number][],
    same: [] as string[],
    refused: [] as Plan["refused"][number][],
  };
  for (const server of servers) {
    const body = { ...server.record, allow_sessions };
    const what = `server ${server.name}`;
    const why = await hindrance(broker, server.name, body);
    if (why === undefined) plan.servers.push({ server, body });
    else if (why === "same") plan.same.push(what);
    else plan.refused.push({ what, why });
  }
  const wanted: FoundLogin[] = [];
  for (const login of logins) {
    const what = `login oauth2/creds/${login.name}`;
    if (plan.refused.some((one) => one.what === `server ${login.server}`)) {
      plan.refused.push({ what, why: "its server is not taken over" });
    } else if (await broker.read(`oauth2/creds/${login.name}/history`)) {
      plan.refused.push({ what, why: "there is a credential of this name: --as NAME takes it over under another" });
    } else wanted.push(login);
  }
  return { ...plan, logins: wanted, left };
}

/** Why a server is not written: the same is there, another one, or the broker refuses it. */
async function hindrance(broker: Operator, name: string, body: Body): Promise<string | undefined> {
  try {
    const { data } = (await broker.write(`oauth2/plan/servers/${name}`, body)) ?? {};
    const { action, changes } = data as { readonly action: string; readonly changes: readonly string[] };
    if (action === "create") return undefined;
    if (action === "same") return "same";
    return `another server of this name is there (it differs in ${changes.join(", ")}): --as NAME takes it over under another`;
  } catch (error) {
    const { code, message } = failureOf(error);
    if (code !== "invalid_request") throw error;
    return message;
  }
}

export function tell(out: Output, { servers, logins, same, refused, left }: Plan): void {
  for (const { server, body } of servers) tellServer(out, server, body);
  for (const { name, server } of logins) {
    const line = `+ login   oauth2/creds/${name}  at ${server}, by its refresh token`;
    out.result(line, { action: "create", what: "login", name, server });
  }
  for (const what of same) out.result(`= ${what}  is there already`, { action: "same", what });
  for (const { what, why } of refused) out.result(`! ${what}  ${why}`, { action: "refused", what, why });
  for (const { what, why, next, from } of left) {
    const line = from ? `${shellWords(from)} | ${shellWords(next)}` : shellWords(next);
    out.result([`- ${what}  stays: ${why}`, `    ${line}`], { action: "left", what, why, next, ...(from && { from }) });
  }
  if (logins.length > 0) {
    out.note(
      "A refresh token is used at once. Where the provider gives a new one each time, the program that has it now cannot renew its login any more: stop it first.",
    );
  }
}

function tellServer(out: Output, { name, scopes = [], note }: FoundServer, body: Body): void {
  const { client_secret: secret, provider, client_id: clientId, provider_options: options = {} } = body;
  const said = Object.entries(options).map(([key, value]) => `${key}=${value}`);
  const client = clientId === undefined ? [] : [`client ${clientId}${secret === undefined ? "" : " with its secret"}`];
  const asks = scopes.length === 0 ? [] : [`was used with the scopes ${scopes.join(" ")}`];
  const line = `+ server  ${name}  ${[provider, ...said, ...client, ...asks].join(", ")}`;
  const { client_secret: _secret, ...shown } = body;
  out.result(note === undefined ? line : [line, `    ${note}`], {
    action: "create",
    what: "server",
    name,
    record: shown,
    has_secret: secret !== undefined,
    scopes,
    ...(note !== undefined && { note }),
  });
}
