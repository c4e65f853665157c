import { brokerAddress, OWN } from "../connect/broker.ts";
import { loginsAt } from "../connect/find-login.ts";
import { operatorOf } from "../connect/operator.ts";
import { environment } from "../frame/environment.ts";
import { failureOf } from "../frame/fail.ts";
import { shellWords } from "../frame/output.ts";
import { readSessions } from "../kept/sessions-file.ts";
import { canBeAdded, checkServer, serverOf } from "../sign-in/homeserver.ts";
import { whenText } from "../terminal/duration.ts";

/** What is wrong has its cure. */
export type Finding = { readonly check: string; readonly text: string } & (
  | { readonly ok: true }
  | { readonly ok: false; readonly cure: string }
);

/** More of them are not looked at; of those that logins name and the broker does not have, each is asked for. */
const MOST_SERVERS = 100;
const MOST_UNKNOWN = 5;

const BY_NAME = "one that the broker does not have is looked at by its name alone: coatcheck doctor SERVER";

/**
 * Which servers do not answer the broker, as its operator is told (of one's own broker that is oneself), with those of kept logins
 * that it does not have; and what was not looked at.
 */
export async function serverFindings(flag: string | undefined): Promise<readonly Finding[]> {
  try {
    const addr = brokerAddress(flag);
    if (addr !== OWN && !environment().COATCHECK_OPERATOR_TOKEN)
      return [note("servers were not looked at, which needs an operator's token (COATCHECK_OPERATOR_TOKEN)")];
    const { servers } = await operatorOf({ addr });
    const names = await servers.list();
    const looked = names.slice(0, MOST_SERVERS);
    const found = await Promise.all([
      ...looked.map(async (name) => {
        const read = await servers.read(name);
        return [...serverFinding(name, read?.data ?? {}), ...warned(name, read)];
      }),
      ...unknownServers(addr, names).map((name) => namedFindings(name, flag)),
    ]);
    return [...found.flat(), note(`looked at: ${looked.length} of the broker's ${names.length}; ${BY_NAME}`)];
  } catch {
    // What keeps a broker from telling is a finding of its own.
    return [];
  }
}

function note(text: string): Finding {
  return { check: "servers", ok: true, text };
}

/** What logins at that broker were begun with. */
function unknownServers(addr: string, names: readonly string[]): readonly string[] {
  try {
    const logins = Object.values(loginsAt(readSessions(), { address: addr }));
    const asked = new Set(logins.map(({ server }) => server));
    return [...asked].filter((server) => !names.includes(server)).slice(0, MOST_UNKNOWN);
  } catch {
    // A file that cannot be read is a finding of its own.
    return [];
  }
}

/** Whether one can sign in there: it is known and answers, or one's own broker would add it (FC-83). */
export async function namedFindings(typed: string, flag: string | undefined): Promise<readonly Finding[]> {
  const cure = `mend that, then run ${shellWords(["coatcheck", "login", typed])}`;
  try {
    const addr = brokerAddress(flag);
    const login = serverOf(typed, addr);
    const { server } = login;
    const { servers } = await operatorOf({ addr });
    const known = await servers.read(server);
    if (known) {
      const troubled = serverFinding(server, known.data ?? {});
      const there: Finding = { check: "server", ok: true, text: `the broker has ${server}` };
      return [...(troubled.length > 0 ? troubled : [there]), ...warned(server, known)];
    }
    if (!canBeAdded(login))
      return [
        { check: "server", ok: false, text: `the broker has no server "${server}"`, cure: "run coatcheck server list" },
      ];
    await checkServer(login);
    return [{ check: "server", ok: true, text: `${server} can be added: coatcheck login adds it` }];
  } catch (error) {
    return [{ check: "server", ok: false, text: failureOf(error).message, cure }];
  }
}

/** What its operator may have wanted so: nothing is broken. */
function warned(name: string, read: { readonly warnings: readonly string[] | null } | undefined): readonly Finding[] {
  return (read?.warnings ?? []).map((text) => ({ check: "server", ok: true, text: `server ${name}: ${text}` }));
}

interface Troubled {
  readonly last_trouble?: { readonly time: string; readonly text: string; readonly answered_time?: string };
}

function serverFinding(name: string, { last_trouble: trouble }: Troubled): readonly Finding[] {
  if (!trouble || trouble.answered_time !== undefined) return [];
  const text = `server ${name} did not answer the broker (${whenText(trouble.time)}): ${trouble.text}`;
  const cure = `mend that, then run ${shellWords(["coatcheck", "server", "show", name])} to see whether it has answered`;
  return [{ check: "server", ok: false, text, cure }];
}
