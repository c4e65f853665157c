import type { Socket } from "node:net";
import { type DetailedPeerCertificate, TLSSocket } from "node:tls";
import type { FastifyRequest } from "fastify";
import type { ClientCertificate, From } from "../../broker/auth.ts";
import type { Deps } from "../app-types.ts";
import { plainAddress } from "../gate/network.ts";
import { placeOf } from "../gate/place.ts";

/** Who asks, from where; a certificate that a proxy has shown is the proxy's, and nobody's here. */
export function fromOf(request: FastifyRequest, deps: Deps): From {
  const isProxy = deps.isTrustedProxy?.(plainAddress(request.ip)) ?? false;
  const certificate = isProxy ? undefined : certificateOf(request.raw.socket);
  return { ...placeOf(request, deps), ...(certificate && { certificate }) };
}

/** Undefined where the connection has none that was verified. */
function certificateOf(socket: Socket): ClientCertificate | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  const peer = socket.getPeerCertificate(true);
  if (!peer?.raw) return undefined;
  const names = (peer.subjectaltname ?? "").split(", ");
  return {
    commonName: textsOf(peer.subject.CN)[0] ?? "",
    organizationalUnits: textsOf(peer.subject.OU),
    serialNumber: peer.serialNumber,
    dns: named(names, "DNS:"),
    emails: named(names, "email:"),
    uris: named(names, "URI:"),
    chain: chainOf(peer),
  };
}

/** A name with a character that could be taken for the list's own comes in quotes: whatever has one is left out. */
function named(names: readonly string[], kind: string): readonly string[] {
  return names.filter((name) => name.startsWith(kind) && !name.includes('"')).map((name) => name.slice(kind.length));
}

function textsOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat();
}

/** From the client's own to the root, which has issued itself. */
function chainOf(peer: DetailedPeerCertificate): readonly Uint8Array[] {
  const chain: Uint8Array[] = [];
  for (let one = peer; one?.raw && chain.length < LONGEST_CHAIN; one = one.issuerCertificate) {
    chain.push(one.raw);
    if (one.issuerCertificate === one) break;
  }
  return chain;
}

const LONGEST_CHAIN = 16;
