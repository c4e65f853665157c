import { environment } from "../frame/environment.ts";
import { CliError, EXIT } from "../frame/fail.ts";
import { isSameBroker } from "../kept/same-broker.ts";
import { type EndedLogin, type KeptSession, readEnded, type Sessions } from "../kept/sessions-file.ts";
import { brokerAddress } from "./broker.ts";

/** A login that is kept, and the name that it is kept by. */
export interface KeptLogin {
  readonly name: string;
  readonly kept: KeptSession;
}

/** Where a broker is named by flag or environment, which go before what is kept. */
interface NamedBroker {
  readonly address: string;
  readonly by: "--addr" | "COATCHECK_ADDR";
}

export function namedBroker(addr: string | undefined): NamedBroker | undefined {
  if (addr !== undefined) return { address: addr, by: "--addr" };
  const address = environment().COATCHECK_ADDR;
  return address ? { address, by: "COATCHECK_ADDR" } : undefined;
}

/** With a broker that is named only its own logins count: a session id is a secret, which no other broker may see. */
export function loginsAt(sessions: Sessions, broker: Pick<NamedBroker, "address"> | undefined): Sessions {
  if (!broker) return sessions;
  const own = Object.entries(sessions).filter(([, kept]) => isSameBroker(kept.broker, broker.address));
  return Object.fromEntries(own);
}

/** The login of that name, of that server, or the only one. Throws `CliError` with the command that makes one. */
export function findLogin(sessions: Sessions, name: string | undefined, broker?: NamedBroker): KeptLogin {
  const candidates = matching(loginsAt(sessions, broker), name);
  const [only] = candidates;
  if (only && candidates.length === 1) return only;
  if (only) {
    const names = candidates.map((one) => one.name).join(", ");
    throw new CliError("ambiguous", `there are several logins: name one of ${names}`, { exit: EXIT.usage });
  }
  const again = name === undefined ? undefined : loginAgain(name, sessions, broker?.address);
  const message = name === undefined ? "nobody is signed in" : `there is no login "${name}"`;
  const isElsewhere = broker && matching(sessions, name).length > 0;
  const where = isElsewhere
    ? ` at ${broker.address} (set by ${broker.by}), and logins at other brokers are not used there`
    : "";
  throw new CliError("login_required", `${message}${where}`, {
    exit: EXIT.login,
    next: again ?? ["coatcheck", "login", ...(name === undefined ? [] : [name]), ...atBroker(broker?.address)],
  });
}

/** All, the one of that name, or those of that server. */
function matching(sessions: Sessions, name: string | undefined): readonly KeptLogin[] {
  const all = Object.entries(sessions).map(([key, kept]) => ({ name: key, kept }));
  const byName = all.filter((one) => one.name === name);
  if (name === undefined) return all;
  return byName.length > 0 ? byName : all.filter(({ kept }) => kept.server === name);
}

/**
 * The command that signs in again as that login, which is kept or has ended, at its broker or at the one that is named;
 * undefined for a name that is not known here.
 */
export function loginAgain(name: string, sessions: Sessions, broker?: string): readonly string[] | undefined {
  const known = (Object.hasOwn(sessions, name) ? sessions[name] : undefined) ?? readEnded(name);
  return known && loginWords({ name, kept: { ...known, broker: broker ?? known.broker } });
}

interface Remade {
  readonly name: string;
  readonly kept: EndedLogin;
}

/** The words of the command that makes this login again: the same broker, server, scopes, flow and name. */
export function loginWords({ name, kept }: Remade): readonly string[] {
  return [
    ...["coatcheck", "login", kept.server],
    ...(name === kept.server ? [] : ["--name", name]),
    ...(kept.scopes.length > 0 ? ["--scopes", kept.scopes.join(",")] : []),
    ...(kept.flow === "page" ? ["--web"] : []),
    ...atBroker(kept.broker),
  ];
}

/** Said only where the command would ask another one. */
export function atBroker(address: string | undefined): readonly string[] {
  return address === undefined || address === brokerAddress(undefined) ? [] : ["--addr", address];
}
