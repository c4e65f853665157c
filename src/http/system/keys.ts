import { KeysData, RotatedKeyData, RotateKeyParameters, rfc3339 } from "../../api/index.ts";
import type { KeysView } from "../../broker/keys/keys.ts";
import { describe, NoParameters } from "../answer/describe.ts";
import { sendData } from "../answer/envelope.ts";
import type { Deps, VaultApp } from "../app-types.ts";
import { WRITE } from "../gate/methods.ts";
import { textsByName } from "../input/texts-by-name.ts";

const TAG = "system";

const ROTATED =
  "keep a copy of the key file: new records cannot be read without the new key, and earlier backups need the old keys";

const FORGOTTEN =
  "backups made while this key was in use cannot be restored without it: keep a copy of the key as long as you keep the backups";

/** `sys/keys`: which keys there are, and their rotation; for `sudo` alone. */
export function keys(app: VaultApp, { keys: rotation }: Pick<Deps, "keys">): void {
  const url = "/v1/sys/keys";
  app.get(url, {
    schema: describe({
      tag: TAG,
      summary: "The keys, and the number of records sealed under each",
      querystring: NoParameters,
      data: KeysData,
    }),
    handler: async (_request, reply) => sendData(reply, keysData(await rotation.status())),
  });
  app.route({
    method: WRITE,
    url: `${url}/rotate`,
    schema: describe({
      tag: TAG,
      summary: "Create a key and seal with it",
      body: RotateKeyParameters,
      data: RotatedKeyData,
    }),
    handler: async ({ body }, reply) => {
      const { mount = "" } = body.value;
      if (mount !== "") return sendData(reply, { id: await rotation.rotateMount(mount) } satisfies RotatedKeyData);
      const data: RotatedKeyData = { id: await rotation.rotate() };
      return sendData(reply, data, { warnings: [ROTATED] });
    },
  });
  app.delete(`${url}/:id`, {
    schema: describe({ tag: TAG, summary: "Remove a key that no longer seals anything", querystring: NoParameters }),
    handler: async ({ params }, reply) => {
      await rotation.forget(textsByName(params).id ?? "");
      return sendData(reply, null, { warnings: [FORGOTTEN] });
    },
  });
}

function keysData({ keys, countedAt, left }: KeysView): KeysData {
  return {
    keys: keys.map((key) => ({ ...key })),
    ...(countedAt !== undefined && { counted_time: rfc3339(countedAt) }),
    ...(left !== undefined && { resealing: { left } }),
  };
}
