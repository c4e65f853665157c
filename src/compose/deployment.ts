import { randomBytes, randomUUID } from "node:crypto";
import { KeyUnusable } from "../seal/key-file.ts";
import { createSeal, type KeyEncryptionKey, type RingSeal } from "../seal/key-ring.ts";
import { CannotOpen } from "../seal/port.ts";
import type { Row, Rows } from "../store/port.ts";

/**
 * The one row that says which deployment a store belongs to. Its id is the deployment's; its sealed content is the key
 * of fingerprints; and being sealed it is the canary: a wrong key is noticed here, before anything else is touched.
 */
export const DEPLOYMENT = { mount: "", kind: "meta", name: "deployment" } as const;

export interface Deployment {
  readonly id: string;
  readonly seal: RingSeal;
}

/** Whether the store has been used before: then a missing key must not be replaced by a new one. */
export async function isUsed(store: Rows): Promise<boolean> {
  return (await store.read(DEPLOYMENT)) !== undefined;
}

/** Opens the deployment with its key, or founds one in an empty store. Throws `KeyUnusable` for a wrong key. */
export async function openDeployment(store: Rows, keys: readonly KeyEncryptionKey[]): Promise<Deployment> {
  const row = await store.read(DEPLOYMENT);
  if (row) return knownDeployment(row, keys);
  const founded = await newDeployment(store, keys);
  return founded ?? openDeployment(store, keys);
}

/** Opens a deployment by its row. Throws `KeyUnusable` for a wrong key. */
export function knownDeployment(row: Row, keys: readonly KeyEncryptionKey[]): Deployment {
  return { id: row.id, seal: sealOf(row, keys) };
}

function place(id: string) {
  return { ...DEPLOYMENT, id, field: "content" };
}

function sealOf(row: Row, keys: readonly KeyEncryptionKey[]): RingSeal {
  const canary = createSeal({ keys, deploymentId: row.id, fingerprintKey: new Uint8Array(32) });
  try {
    const fingerprintKey = canary.open(row.sealed, place(row.id));
    return createSeal({ keys, deploymentId: row.id, fingerprintKey });
  } catch (error) {
    if (!(error instanceof CannotOpen)) throw error;
    throw new KeyUnusable(
      `this key does not open the data, which are sealed under the key ${canary.keyOf(row.sealed)}: start with that key (COATCHECK_KEY, or the file \`key\` in the data folder); nothing was changed`,
    );
  }
}

async function newDeployment(store: Rows, keys: readonly KeyEncryptionKey[]): Promise<Deployment | undefined> {
  const id = randomUUID();
  const fingerprintKey = randomBytes(32);
  const seal = createSeal({ keys, deploymentId: id, fingerprintKey });
  const row = {
    ...DEPLOYMENT,
    id,
    server: null,
    task: null,
    dueAt: null,
    lineage: null,
    sealed: seal.seal(fingerprintKey, place(id)),
  };
  return (await store.write(row, { absent: true })) ? { id, seal } : undefined;
}
