import { readFileSync } from "node:fs";
import type { PeerCertificate } from "node:tls";
import { errorCode } from "../../error-code.ts";
import { keyExposure, readSecretFile } from "./secret-file.ts";

/** What the driver takes for TLS. */
export interface DatabaseTls {
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined;
}

const FILES = { ca: "sslrootcert", cert: "sslcert", key: "sslkey" } as const;

/**
 * The `ssl…` parameters as libpq means them: `disable` (also without any), `require` (encrypted, the server is not
 * checked unless sslrootcert names its authority), `verify-ca`, `verify-full`. `allow` and `prefer`, which may end
 * unencrypted, are refused. Throws an `Error` that says what to give.
 */
export function tlsOf(parameters: ReadonlyMap<string, string>): DatabaseTls | false {
  const mode = parameters.get("sslmode") ?? "disable";
  const files = Object.entries(FILES).flatMap(([name, parameter]) => {
    const path = parameters.get(parameter);
    // libpq: `system` means the authorities that this system trusts.
    return path === undefined || (name === "ca" && path === "system") ? [] : [[name, read(parameter, path)] as const];
  });
  const given = Object.fromEntries(files) as { readonly ca?: string };
  switch (mode) {
    case "disable":
      if (files.length > 0) throw new Error("certificates were given without sslmode: add sslmode=verify-full");
      return false;
    case "require":
      return given.ca === undefined ? { ...given, rejectUnauthorized: false } : anyName(given);
    case "verify-ca":
      return anyName(given);
    case "verify-full":
      return { ...given, rejectUnauthorized: true };
    default:
      throw new Error("sslmode must be disable, require, verify-ca or verify-full");
  }
}

function anyName(files: object): DatabaseTls {
  return { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined };
}

function read(parameter: string, path: string): string {
  if (parameter === FILES.key) return readSecretFile(parameter, path, keyExposure);
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`${parameter}: ${path} cannot be read (${errorCode(error)})`);
  }
}
