import { MATRIX_HOMESERVER } from "../providers/matrix-homeserver.ts";
import type { FoundServer } from "./state.ts";
import type { World } from "./world.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const LENGTH = 12;

/** MX-S3: bytes that would make some letters likelier are thrown away. */
export function newDeviceId(world: Pick<World, "random">): string {
  let id = "";
  while (id.length < LENGTH) {
    const even = [...world.random(LENGTH)].filter((byte) => byte < 256 - (256 % LETTERS.length));
    id += even.map((byte) => LETTERS[byte % LETTERS.length]).join("");
  }
  return id.slice(0, LENGTH);
}

/** MX-S1, MX-S2: one spelling, by where the metadata were. */
export function deviceScopes({ spelling }: Pick<FoundServer, "spelling">, deviceId: string): readonly string[] {
  return MATRIX_HOMESERVER.scopes[spelling].map((scope) => scope.replace("{device_id}", deviceId));
}

export interface DeviceInput {
  /** Random when absent. */
  readonly deviceId?: string;
  /** Instead of the usual scopes. */
  readonly scope?: string;
}

/** What is asked for. */
export function requestedScopes(found: FoundServer, { deviceId, scope }: DeviceInput, world: World) {
  const id = deviceId ?? newDeviceId(world);
  return { deviceId: id, scopes: scope === undefined ? deviceScopes(found, id) : scope.split(" ").filter(Boolean) };
}
