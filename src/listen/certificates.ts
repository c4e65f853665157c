import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { errorCode } from "../error-code.ts";

/** Paths of PEM files. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Authorities of whose clients one must be. */
  readonly clientCa?: string;
}

/** What the files hold, checked: it is one identity, and good now. */
export interface Identity {
  /** PEM; the broker's own certificate first. */
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  /** Epoch milliseconds. */
  readonly endsAt: number;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Throws an `Error` whose message is one sentence that names the file and says what to do. `now` in epoch milliseconds. */
export function readIdentity(files: TlsFiles, now: number): Identity {
  const [own] = certificatesIn(files.cert);
  if (!own)
    throw new Error(`${files.cert} has no certificate: give the chain in PEM, the broker's own certificate first`);
  const key = read(files.key);
  if (!own.checkPrivateKey(keyOf(key, files.key))) {
    throw new Error(
      `the key in ${files.key} does not belong to the first certificate in ${files.cert}: give the two that belong together`,
    );
  }
  const endsAt = Date.parse(own.validTo);
  if (endsAt <= now) throw new Error(`the certificate in ${files.cert} ended on ${day(endsAt)}: renew it`);
  const beginsAt = Date.parse(own.validFrom);
  if (beginsAt > now) {
    throw new Error(`the certificate in ${files.cert} begins on ${day(beginsAt)}: check this machine's clock`);
  }
  const identity = { cert: read(files.cert), key, ...clientsOf(files), endsAt };
  try {
    createSecureContext(identity);
  } catch (error) {
    const code = errorCode(error) ?? "unknown error";
    throw new Error(`the certificate in ${files.cert} and its key cannot be used (${code}): make them anew`);
  }
  return identity;
}

function clientsOf({ clientCa }: TlsFiles): Pick<Identity, "ca"> {
  if (clientCa === undefined) return {};
  if (certificatesIn(clientCa).length === 0) {
    throw new Error(`${clientCa} has no certificate: give those of the clients' authorities in PEM`);
  }
  return { ca: read(clientCa) };
}

function certificatesIn(path: string): readonly X509Certificate[] {
  try {
    return (read(path).match(CERTIFICATE) ?? []).map((text) => new X509Certificate(text));
  } catch (error) {
    if (errorCode(error)?.startsWith("ERR_OSSL") !== true) throw error;
    throw new Error(`${path} has a certificate that cannot be read: export it again as PEM`);
  }
}

function keyOf(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text);
  } catch (error) {
    const isLocked = errorCode(error) === "ERR_MISSING_PASSPHRASE";
    const why = isLocked
      ? "is locked with a password: give one without"
      : "has no private key that can be read: give one in PEM";
    throw new Error(`${path} ${why}`);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`${path} cannot be read (${errorCode(error)}): give a file in PEM`);
  }
}

function day(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10);
}
