import type { Clock } from "../../process/clock.ts";

/** Logins that wait for a person, counted in this process by whatever they have in common. */
export interface PendingLogins {
  /** Counts one under each of its groups until that moment (epoch milliseconds). */
  add(login: string, groups: readonly string[], until: number): void;
  /** It ended; of no account if it is not counted. */
  end(login: string): void;
  count(group: string): number;
}

export function createPendingLogins(clock: Pick<Clock, "now">): PendingLogins {
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
    count: (group) => {
      const now = clock.now();
      // What another instance has settled is counted until it would have run out.
      for (const [login, until] of groups.get(group) ?? []) if (until <= now) end(login);
      return groups.get(group)?.size ?? 0;
    },
  };
}
