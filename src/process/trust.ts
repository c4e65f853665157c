import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { getCACertificates } from "node:tls";
import { errorCode } from "../error-code.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * The roots that Node trusts (with NODE_EXTRA_CA_CERTS), and the certificates of a file, in PEM. Throws an `Error` whose
 * message is one sentence where the file cannot be read or has no certificate.
 */
export function trustedWith(path: string): readonly string[] {
  return [...getCACertificates("default"), ...certificatesIn(path)];
}

function certificatesIn(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`${path} cannot be read (${errorCode(error)}): name a file of certificates in PEM`);
  }
  const found = text.match(CERTIFICATE) ?? [];
  if (found.length === 0) throw new Error(`${path} has no certificate: name a file of certificates in PEM`);
  for (const one of found) {
    try {
      new X509Certificate(one);
    } catch {
      throw new Error(`${path} has a certificate that cannot be read: export it again as PEM`);
    }
  }
  return found;
}
