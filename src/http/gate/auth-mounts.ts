import { createHash } from "node:crypto";
import { uuidOf } from "../../access/uuid.ts";
import type { MountData } from "../../api/index.ts";
import { mountData } from "../answer/mount-data.ts";
import type { Deps } from "../app-types.ts";

/** Names of a mount that is always there, the same on each start. */
export function namesOf({ clusterId }: Pick<Deps, "clusterId">, type: string, path: string) {
  const hash = createHash("sha256").update(`${clusterId}\n${type}\n${path}`).digest("hex");
  return { accessor: `${type === "token" ? "auth_token" : type}_${hash.slice(0, 8)}`, uuid: uuidOf(hash) };
}

/** Methods by their paths, with that of tokens itself, which is always there. */
export async function authMounts(deps: Pick<Deps, "clusterId" | "auth">): Promise<Readonly<Record<string, MountData>>> {
  const token = mountData({
    type: "token",
    description: "token based credentials",
    ...namesOf(deps, "token", "token"),
  });
  const mounts = (await deps.auth.mounts()).map((mount) => [`${mount.path}/`, mountData(mount)]);
  return { ...Object.fromEntries(mounts), "token/": token };
}
