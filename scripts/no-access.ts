import type { Access } from "../src/broker/access.ts";
import { METHODS } from "../src/broker/auth/methods.ts";
import { FORMERLY, TOKEN_ROLE } from "../src/broker/auth/token-roles.ts";
import type { Auth } from "../src/broker/auth.ts";
import type { MountChanges } from "../src/broker/mounts.ts";

const nothing = () => Promise.reject(new Error("nobody asks for access here"));

/** For an app whose routes of access are described, or left alone. */
export const NO_ACCESS: Access = {
  policies: { read: nothing, write: nothing, remove: nothing, list: nothing },
  tokens: { find: nothing, create: nothing, signIn: nothing, renew: nothing, revoke: nothing, accessors: nothing },
  wrapping: { wrap: nothing, lookUp: nothing, unwrap: nothing, rewrap: nothing },
  audit: { list: nothing, enable: nothing, disable: nothing, hash: nothing, search: nothing },
};

/** The same of logins. */
export const NO_AUTH: Auth = {
  methods: METHODS,
  mounts: async () => [],
  ...{ mount: nothing, enable: nothing, tune: nothing, disable: nothing, config: nothing, writeConfig: nothing },
  ...{ roles: nothing, role: nothing, writeRole: nothing, removeRole: nothing, login: nothing },
  people: { begin: nothing, callback: nothing, confirm: nothing, poll: nothing },
  tokenRoles: { fields: TOKEN_ROLE, formerly: FORMERLY, list: nothing, read: nothing, write: nothing, remove: nothing },
  secretIds: {
    ...{ roleId: nothing, writeRoleId: nothing, make: nothing, accessors: nothing, find: nothing, remove: nothing },
  },
};

/** The same of mounts. */
export const NO_MOUNT_CHANGES: MountChanges = {
  ...{ look: async () => {}, enable: nothing, tune: nothing, move: nothing, disable: nothing },
};
