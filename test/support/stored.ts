import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Credential } from "../../src/credential/index.ts";
import { loadKeys } from "../../src/seal/key-file.ts";
import { createSeal } from "../../src/seal/key-ring.ts";

/** A credential exactly as a broker with its data in a folder has stored it. */
export function storedCredential(data: string, name = "me"): Credential {
  const database = new DatabaseSync(join(data, "coatcheck.db"), { readOnly: true });
  try {
    const row = database.prepare("SELECT * FROM row WHERE kind = 'creds' AND name = ?").get(name) ?? {};
    const meta = database.prepare("SELECT id FROM row WHERE name = 'deployment'").get() ?? {};
    const { keys } = loadKeys(undefined, data, { mayCreate: false });
    const seal = createSeal({ keys, deploymentId: String(meta.id), fingerprintKey: new Uint8Array(32) });
    const place = { mount: "oauth2", kind: "creds", id: String(row.id), name, field: "content" };
    return JSON.parse(new TextDecoder().decode(seal.open(row.sealed as Uint8Array, place))).credential;
  } finally {
    database.close();
  }
}
