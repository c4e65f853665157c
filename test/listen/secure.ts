import { writeFileSync } from "node:fs";
import { Agent, type RequestOptions, request } from "node:https";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { TLSSocket } from "node:tls";
import type { TlsFiles } from "../../src/listen/certificates.ts";
import { type Certificate, makeCertificate } from "../servers/certificates.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

export const AUTHORITY = makeCertificate({ name: "authority", isAuthority: true });

/** A folder with a certificate and its key. */
export interface Written extends TlsFiles {
  readonly folder: string;
  /** Replaces them. */
  write(next: Partial<Certificate>): void;
}

export function writeTls(t: TestContext, first: Certificate = makeCertificate({ by: AUTHORITY })): Written {
  const folder = temporaryFolder(t);
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const write = (next: Partial<Certificate>) => {
    if (next.cert !== undefined) writeFileSync(cert, next.cert);
    if (next.key !== undefined) writeFileSync(key, next.key);
  };
  write(first);
  return { folder, cert, key, write };
}

export interface SecureAnswer {
  readonly status: number;
  /** Serial number of the certificate that was shown. */
  readonly serial: string;
  readonly protocol: string | null;
}

/** One request with trust in the tests' authority; on a new connection unless an agent is given. */
export function get(address: string, options: RequestOptions = {}): Promise<SecureAnswer> {
  return new Promise((resolve, reject) => {
    const way = { ca: AUTHORITY.cert, agent: new Agent(), ...options };
    const outgoing = request(`${address}/v1/sys/health`, way, (incoming) => {
      const socket = incoming.socket as TLSSocket;
      const { serialNumber } = socket.getPeerCertificate();
      const answer = { status: incoming.statusCode ?? 0, serial: serialNumber, protocol: socket.getProtocol() };
      incoming
        .resume()
        .on("end", () => resolve(answer))
        .on("error", reject);
    });
    outgoing.on("error", reject).end();
  });
}
