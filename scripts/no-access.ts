import type { Access } from "../src/broker/access.ts";

const nothing = () => Promise.reject(new Error("nobody asks for access here"));

/** For an app whose routes of access are described, or left alone. */
export const NO_ACCESS: Access = {
  policies: { read: nothing, write: nothing, remove: nothing, list: nothing },
  tokens: { find: nothing, create: nothing, signIn: nothing, renew: nothing, revoke: nothing, accessors: nothing },
};
