import { brokerAddress, OWN } from "../connect/broker.ts";
import { operatorOf } from "../connect/operator.ts";
import { environment } from "../frame/environment.ts";
import { failureOf } from "../frame/fail.ts";
import { shellWords } from "../frame/output.ts";
import { canBeAdded, checkServer, serverOf } from "../sign-in/homeserver.ts";
import { whenText } from "../terminal/duration.ts";

/** What is wrong has its cure. */
export type Finding = { readonly check: string; readonly text: string } & (
  | { readonly ok: true }
  | { readonly ok: false; readonly cure: string }
);

/** More of them are not looked at. */
const MOST_SERVERS = 100;

/** Which servers do not answer the broker, as its operator is told; of one's own broker that is oneself. */
export async function serverFindings(flag: string | undefined): Promise<readonly Finding[]> {
  try {
    const addr = brokerAddress(flag);
    if (addr !== OWN && !environment.COATCHECK_OPERATOR_TOKEN) return [];
    const { servers } = await operatorOf({ addr });
    const names = (await servers.list()).slice(0, MOST_SERVERS);
    const found = await Promise.all(
      names.map(async (name) => serverFinding(name, (await servers.read(name))?.data ?? {})),
    );
    return found.flat();
  } catch {
    // What keeps a broker from telling is a finding of its own.
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
    const known = (await servers.read(server))?.data;
    if (known) {
      const troubled = serverFinding(server, known);
      return troubled.length > 0 ? troubled : [{ check: "server", ok: true, text: `the broker has ${server}` }];
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

interface Troubled {
  readonly last_trouble?: { readonly time: string; readonly text: string; readonly answered_time?: string };
}

function serverFinding(name: string, { last_trouble: trouble }: Troubled): readonly Finding[] {
  if (!trouble || trouble.answered_time !== undefined) return [];
  const text = `server ${name} did not answer the broker (${whenText(trouble.time)}): ${trouble.text}`;
  const cure = `mend that, then run ${shellWords(["coatcheck", "server", "show", name])} to see whether it has answered`;
  return [{ check: "server", ok: false, text, cure }];
}
