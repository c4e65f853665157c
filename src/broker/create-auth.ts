import type { Callers } from "./access/callers.ts";
import { APP_ROLE, appRole } from "./auth/approle.ts";
import { shownOf, valuesOf } from "./auth/fields.ts";
import { logIn } from "./auth/login.ts";
import type { Method } from "./auth/method.ts";
import { METHODS, methodOf } from "./auth/methods.ts";
import { disable, enable, listMounts, readMount, tune } from "./auth/mounts.ts";
import { createOidc } from "./auth/oidc.ts";
import { writeMethodConfig, writeMethodRole } from "./auth/roles.ts";
import { findSecretId, makeSecretId, removeSecretId, secretAccessors } from "./auth/secret-ids.ts";
import { readConfig, readRole, removeRole, roleNames } from "./auth/stored.ts";
import { createTokenRoles } from "./auth/token-roles.ts";
import type { Auth, AuthMount, SecretIds } from "./auth.ts";
import { BrokerError, invalid } from "./errors.ts";
import { inBackground } from "./process/background.ts";
import type { Context } from "./process/context.ts";

/** The use cases of logins, bound to what they work with. */
export function createAuth(context: Context, callers: Callers): Auth {
  const of = ({ type }: AuthMount): Method => {
    const method = methodOf(type);
    if (!method) throw invalid(`${type} is not a method of this version`);
    return method;
  };
  return {
    methods: METHODS,
    mounts: () => listMounts(context),
    mount: (path) => readMount(context, path),
    enable: async (path, type, tuning) => {
      if (!methodOf(type)) throw invalid(`plugin not found in the catalog: ${type.slice(0, 64).toWellFormed()}`);
      await enable(context, path, type, tuning);
    },
    tune: (mount, tuning) => tune(context, mount, tuning),
    disable: (path) => callers.changing(() => disable(context, path)),
    config: async (mount) => {
      const values = await readConfig(context, mount);
      return values && shownOf(of(mount).config, values);
    },
    writeConfig: (mount, sent) => writeMethodConfig(context, of(mount), mount, sent),
    roles: (mount) => roleNames(context, mount),
    role: async (mount, name) => {
      const role = await readRole(context, mount, name);
      return role && shownOf(of(mount).role, role.values);
    },
    writeRole: (mount, name, sent) => writeMethodRole(context, of(mount), mount, name, sent),
    removeRole: async (mount, name) => {
      const role = await removeRole(context, mount, name);
      if (!role) return;
      inBackground(context, "remove role", of(mount).removed(context, mount, role));
      context.log.info("auth_role_removed", { path: mount.path, role: name });
    },
    login: (path, sent, from) => logIn(context, callers, path, sent, from),
    secretIds: createSecretIds(context),
    people: createOidc(context, callers),
    tokenRoles: createTokenRoles(context),
  };
}

function createSecretIds(context: Context): SecretIds {
  const roleOf = async (mount: AuthMount, name: string) => {
    const role = await readRole(context, mount, name);
    if (!role) throw new BrokerError("absent", "there is no such role");
    return role;
  };
  return {
    roleId: async (mount, name) => {
      const role = await readRole(context, mount, name);
      return role && String(role.values.role_id);
    },
    writeRoleId: async (mount, name, roleId) => {
      if (roleId === "") throw invalid("missing role_id");
      await roleOf(mount, name);
      await writeMethodRole(context, appRole, mount, name, { role_id: roleId });
    },
    make: async (mount, name, input) => {
      const role = await roleOf(mount, name);
      return makeSecretId(context, mount, { ...role, values: valuesOf(APP_ROLE, role.values) }, input);
    },
    accessors: async (mount, name) => secretAccessors(context, mount, (await roleOf(mount, name)).id),
    find: async (mount, name, which) => findSecretId(context, mount, (await roleOf(mount, name)).id, which),
    remove: async (mount, name, which) => removeSecretId(context, mount, (await roleOf(mount, name)).id, which),
  };
}
