/**
 * `npm run interop`: real servers out of package registries, tried with a broker in this process. Prints the table of
 * docs/interop.md. INTEROP (a pattern) picks servers; Keycloak is tried where it is named, or KEYCLOAK_HOME is. INTEROP_LOG=1 says more.
 */
import { generateKeyPair } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startBroker } from "./broker.ts";
import { type Candidate, NotHere } from "./server.ts";
import { canaille } from "./servers/canaille.ts";
import { djangoOauthToolkit } from "./servers/django-oauth-toolkit.ts";
import { keycloak } from "./servers/keycloak.ts";
import { oauth2MockServer } from "./servers/oauth2-mock-server.ts";
import { oidcProvider } from "./servers/oidc-provider.ts";
import { markdown, type Row } from "./table.ts";
import { tryAll } from "./tries.ts";

const ALWAYS = [oidcProvider, djangoOauthToolkit, canaille, oauth2MockServer];
const ASKED_FOR = [keycloak];

const asked = process.env.INTEROP;
const pattern = new RegExp(asked ?? "", "i");
const isThere = asked !== undefined || process.env.KEYCLOAK_HOME !== undefined;
const chosen = [...ALWAYS, ...(isThere ? ASKED_FOR : [])].filter(({ name }) => pattern.test(name));

const folder = mkdtempSync(join(tmpdir(), "coatcheck-interop-"));
try {
  const rows = await Promise.all(chosen.map(row));
  process.stdout.write(markdown(rows));
  const failed = rows.some((one) => "seen" in one && Object.values(one.seen).some(({ verdict }) => verdict === "no"));
  if (failed) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

async function row(candidate: Candidate): Promise<Row> {
  const own = join(folder, candidate.name);
  mkdirSync(own);
  const broker = await startBroker(join(own, "broker"));
  try {
    process.stderr.write(`${candidate.name}: starting\n`);
    const place = { folder: own, callback: broker.callback, ...(await keyPair()) };
    const server = await candidate.start(place);
    try {
      process.stderr.write(`${candidate.name}: trying\n`);
      return { server: candidate.name, version: server.version, seen: await tryAll(broker, server) };
    } finally {
      await server.close();
    }
  } catch (error) {
    const reason = error instanceof NotHere ? error.message : `it could not be started: ${(error as Error).message}`;
    return { server: candidate.name, untried: reason };
  } finally {
    await broker.close();
    process.stderr.write(`${candidate.name}: done\n`);
  }
}

/** For private_key_jwt. */
async function keyPair() {
  const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const jwk = publicKey.export({ format: "jwk" }) as Record<string, string>;
  return {
    publicKey: { ...jwk, use: "sig", alg: "RS256", kid: "interop" },
    privateKey: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}
