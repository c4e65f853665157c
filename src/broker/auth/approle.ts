import { commonTo, isWithin } from "../../access/cidr.ts";
import { invalid } from "../errors.ts";
import { bool, integer, list, seconds, text } from "./fields.ts";
import { LoginRefused, method } from "./method.ts";
import { roleIdOf, roleOfId } from "./role-ids.ts";
import { removeWithRole, useSecretId } from "./secret-ids.ts";
import { checkCidrs, TOKEN_FIELDS } from "./token-fields.ts";

const ROLE = {
  bind_secret_id: bool("A login wants a secret id", true),
  secret_id_bound_cidrs: list("Addresses from which logins are taken; none = any"),
  secret_id_num_uses: integer("Logins that a secret id is good for; 0 = any number"),
  secret_id_ttl: seconds("Life of a secret id; 0 = for ever"),
  role_id: { ...text("The role id, if it is not to be a random one"), isSecret: true as const },
  local_secret_ids: bool("Taken and ignored: there is one cluster"),
};

/** What a role says, with what its tokens are. */
export const APP_ROLE = { ...ROLE, ...TOKEN_FIELDS };

/** A role id, which is no secret, and a secret id: what a machine is given (developer.hashicorp.com/vault/api-docs/auth/approle). */
export const appRole = method({
  type: "approle",
  config: {},
  role: ROLE,
  login: {
    role_id: text("The role id"),
    secret_id: text("The secret id"),
  },
  checkRole: (role) => {
    checkCidrs("secret_id_bound_cidrs", role.secret_id_bound_cidrs);
    if (role.secret_id_num_uses < 0) throw invalid("secret_id_num_uses cannot be negative");
    if (!role.bind_secret_id && role.secret_id_bound_cidrs.length + role.token_bound_cidrs.length === 0) {
      throw invalid("at least one constraint should be enabled on the role: bind_secret_id, or bound addresses");
    }
  },
  alongside: roleIdOf,
  removed: removeWithRole,
  names: ({ role_id }) => role_id,
  judge: async (context, { mount, sent, from }, roles) => {
    const named = await roleOfId(context, mount, sent.role_id);
    const role = await roles.find(named?.name ?? "");
    if (!named || role?.id !== named.id || role.values.role_id !== sent.role_id) {
      // As much is looked up as for one that is there (ST-142).
      await useSecretId(context, mount, "", sent.secret_id, from.address);
      throw new LoginRefused("there is no such role id");
    }
    const { values: rules, name } = role;
    if (!isWithin(rules.secret_id_bound_cidrs, from.address)) {
      throw new LoginRefused("it came from an address that its role does not take");
    }
    // Before a use of the secret id is counted.
    if (!isWithin(rules.token_bound_cidrs, from.address))
      throw new LoginRefused("tokens of its role are bound to other addresses");
    const used = rules.bind_secret_id
      ? await useSecretId(context, mount, role.id, sent.secret_id, from.address)
      : undefined;
    // The role may say less by now than it did when the secret id was made.
    const token_bound_cidrs = commonTo(used?.tokenCidrs ?? [], rules.token_bound_cidrs);
    if (!token_bound_cidrs) throw new LoginRefused("its secret id is bound to addresses that its role takes no more");
    return {
      role: name,
      alias: sent.role_id,
      metadata: { ...used?.metadata, role_name: name },
      displayName: mount.path,
      rules: { ...rules, token_bound_cidrs },
    };
  },
});
