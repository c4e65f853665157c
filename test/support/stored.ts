import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Credential } from "../../src/credential/index.ts";
import { loadKeys } from "../../src/seal/key-file.ts";
import { createSeal, type RingSeal } from "../../src/seal/key-ring.ts";

/** A credential exactly as a broker with its data in a folder has stored it. */
export function storedCredential(data: string, name = "me"): Credential {
  let credential: Credential | undefined;
  inStore(data, { kind: "creds", name }, (content) => {
    credential = (content as { readonly credential: Credential }).credential;
  });
  if (!credential) throw new Error(`nothing is stored for ${name}`);
  return credential;
}

/** Puts the content of a row that a stopped broker has stored into another shape: an older one's, say. */
export function reshape(
  data: string,
  place: { readonly kind: string; readonly name: string },
  change: (content: never) => unknown,
): void {
  inStore(data, place, change);
}

/** Opens the row in its own place; what is answered takes the place of what was in it. */
function inStore(
  data: string,
  { kind, name }: { readonly kind: string; readonly name: string },
  look: (content: never) => unknown,
): void {
  const database = new DatabaseSync(join(data, "coatcheck.db"));
  try {
    const row = database.prepare("SELECT * FROM row WHERE kind = ? AND name = ?").get(kind, name) ?? {};
    const place = { kind, name, id: String(row.id) };
    const sealed = reshaped(row.sealed as Uint8Array, place, sealIn(data), look);
    if (sealed) database.prepare("UPDATE row SET sealed = ? WHERE id = ?").run(sealed, place.id);
  } finally {
    database.close();
  }
}

interface SealedPlace {
  readonly kind: string;
  readonly name: string;
  readonly id: string;
}

/** A row that a data key is in. */
interface KeyRow {
  readonly id: string;
  readonly name: string;
  readonly sealed: Uint8Array;
}

/** What opens and seals as a broker with these keys does: `deployment` is its UUID, `dataKeys` the rows that they are in. */
export function sealWith(
  keys: Parameters<typeof createSeal>[0]["keys"],
  deployment: string,
  dataKeys: readonly KeyRow[],
): RingSeal {
  const seal = createSeal({ keys, deploymentId: deployment, fingerprintKey: new Uint8Array(32) });
  seal.hold(
    dataKeys
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ id, name, sealed }) => ({
        mount: name.slice("data-key/000001/".length),
        key: seal.open(sealed, { mount: "", kind: "meta", name, id, field: "content" }),
      })),
  );
  return seal;
}

/** The same of a broker whose data are in a folder. */
export function sealIn(data: string): RingSeal {
  const database = new DatabaseSync(join(data, "coatcheck.db"), { readOnly: true });
  try {
    const deployment = database.prepare("SELECT id FROM row WHERE name = 'deployment'").get();
    const rows = database.prepare("SELECT id, name, sealed FROM row WHERE name LIKE 'data-key/%'").all();
    const { keys } = loadKeys(undefined, data, { mayCreate: false });
    const dataKeys = rows.map(({ id, name, sealed }) => ({
      ...{ id: String(id), name: String(name) },
      sealed: sealed as Uint8Array,
    }));
    return sealWith(keys, String(deployment?.id), dataKeys);
  } finally {
    database.close();
  }
}

/** Content of a row of the mount `oauth2` in another shape; undefined where `change` answers none. */
export function reshaped(
  sealed: Uint8Array,
  { kind, name, id }: SealedPlace,
  seal: RingSeal,
  change: (content: never) => unknown,
): Uint8Array | undefined {
  const place = { mount: "oauth2", kind, id, name, field: "content" };
  const next = change(JSON.parse(new TextDecoder().decode(seal.open(sealed, place))) as never);
  return next === undefined ? undefined : seal.seal(new TextEncoder().encode(JSON.stringify(next)), place);
}
