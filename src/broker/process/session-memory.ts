import type { Clock } from "../../process/clock.ts";
import { belongsToSession, credentialName, sessionOf } from "../../session/index.ts";
import { ForwardingStore } from "../../store/forwarding.ts";
import type { Expectation, RowContent, Settlement, Signals, Store } from "../../store/port.ts";
import type { FoundSession, StartedSession } from "../sessions.ts";
import { Waiters } from "./waiters.ts";

/** What this process remembers of sessions; all of it may be lost. Names are those of `nameOfChange`. */
export interface SessionMemory {
  readonly waiters: Waiters;
  /** Requests that are being passed on (the proxy), which end with their session. */
  readonly passing: Waiters;
  readonly pending: PendingLogins;
  /** Starts under way, by what makes them the same login. */
  readonly coalescing: Map<string, Promise<StartedSession>>;
  /** Renewals that are being begun, by the session's public id. */
  readonly renewing: Map<string, Promise<FoundSession>>;
}

export function createSessionMemory(clock: Clock): SessionMemory {
  return {
    waiters: new Waiters(clock),
    passing: new Waiters(clock),
    pending: createPendingLogins(clock),
    coalescing: new Map(),
    renewing: new Map(),
  };
}

/** How a session is called where changes of a credential of its are told: whichever of its logins it is. */
export function nameOfChange(mount: string, credential: string): string {
  return `${mount}\n${credentialName(sessionOf(credential))}`;
}

/** How one login is called among those that are pending: a session may have two, its own and one that is to take its place. */
export function nameOfLogin(mount: string, credential: string): string {
  return `${mount}\n${credential}`;
}

/** While a login is pending its row is due for one of these; see credential/schedule. */
const PENDING_TASKS: ReadonlySet<string | null> = new Set(["poll", "expire"]);

/**
 * The store, which tells of every change of a session's credential, whoever made it: waiting programs at once, other
 * instances when a login has ended. A refresh (settled by its lineage) or another plan for one is no news to them.
 */
export class ObservedStore extends ForwardingStore {
  readonly #memory: SessionMemory;

  constructor(store: Store, memory: SessionMemory) {
    super(store);
    this.#memory = memory;
  }

  override async write(row: RowContent, expect: Expectation): Promise<boolean> {
    const done = await super.write(row, expect);
    if (done) this.#tell(row, row.task !== "refresh");
    return done;
  }

  override async settle(settlement: Settlement): Promise<boolean> {
    const done = await super.settle(settlement);
    if (done) this.#tell(settlement.row, "claim" in settlement.by);
    return done;
  }

  #tell(row: RowContent, isNews: boolean): void {
    if (row.kind !== "creds" || !belongsToSession(row.name)) return;
    const name = nameOfChange(row.mount, row.name);
    if (!PENDING_TASKS.has(row.task)) {
      this.#memory.pending.end(nameOfLogin(row.mount, row.name));
      if (isNews) void this.announce(name).catch(() => {});
    }
    wake(this.#memory, name);
  }
}

/** Another instance says that the login or the session of this name has ended; of which login, where it has two, it does not say. */
export function noteChange(memory: SessionMemory, name: string): void {
  memory.pending.end(name);
  wake(memory, name);
}

function wake({ waiters, passing }: SessionMemory, name: string): void {
  waiters.changed(name);
  passing.changed(name);
}

/** A credential of a session was removed, which the store cannot tell: its name is not in the call. */
export function tellEnd(
  { store, sessions }: { store: Signals; sessions: SessionMemory },
  mount: string,
  credential: string,
): void {
  const name = nameOfChange(mount, credential);
  sessions.pending.end(nameOfLogin(mount, credential));
  wake(sessions, name);
  void store.announce(name).catch(() => {});
}

/** Logins that wait for a person, counted in this process by whatever they have in common. */
interface PendingLogins {
  /** Counts one under each of its groups until that moment (epoch milliseconds). */
  add(login: string, groups: readonly string[], until: number): void;
  /** It ended; of no account if it is not counted. */
  end(login: string): void;
  /** But for the one that `except` names. */
  count(group: string, except?: string): number;
}

function createPendingLogins(clock: Pick<Clock, "now">): PendingLogins {
  const groups = new Map<string, Map<string, number>>();
  const memberships = new Map<string, readonly string[]>();
  const end = (login: string) => {
    for (const group of memberships.get(login) ?? []) {
      const members = groups.get(group);
      members?.delete(login);
      if (members?.size === 0) groups.delete(group);
    }
    memberships.delete(login);
  };
  return {
    end,
    add: (login, names, until) => {
      end(login);
      memberships.set(login, names);
      for (const name of names) {
        const members = groups.get(name) ?? new Map<string, number>();
        groups.set(name, members.set(login, until));
      }
    },
    count: (group, except = "") => {
      const now = clock.now();
      // What another instance has settled is counted until it would have run out.
      for (const [login, until] of groups.get(group) ?? []) if (until <= now) end(login);
      const members = groups.get(group);
      return (members?.size ?? 0) - (members?.has(except) ? 1 : 0);
    },
  };
}
