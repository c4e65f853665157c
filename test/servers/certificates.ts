import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate with its key, both in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

interface Wanted {
  /** Common name. */
  readonly name?: string;
  /** Beside `localhost`. */
  readonly hosts?: readonly string[];
  /** An authority that signs it; by default it signs itself. */
  readonly by?: Authority;
  /** It may sign others. */
  readonly isAuthority?: boolean;
  /** One more alternative name. */
  readonly uri?: string;
  /** Epoch milliseconds. */
  readonly from?: number;
  readonly until?: number;
}

interface Authority extends Certificate {
  readonly name: string;
}

const DAY_MS = 86_400_000;

/** A certificate of `localhost` and 127.0.0.1, made now, so that no test depends on the day on which it runs (RFC 5280). */
export function makeCertificate(wanted: Wanted = {}): Authority {
  const {
    name = "localhost",
    hosts = [],
    uri,
    by,
    isAuthority = false,
    from = Date.now() - DAY_MS,
    until = Date.now() + 30 * DAY_MS,
  } = wanted;
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer: KeyObject = by ? createPrivateKey(by.key) : privateKey;
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    nameOf(by?.name ?? name),
    sequence(time(from), time(until)),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(basicConstraints(isAuthority), alternativeNames(hosts, uri))),
  );
  const signature = sign("sha256", body, signer);
  const der = sequence(body, ECDSA_SHA256, tagged(0x03, Buffer.from([0]), signature));
  return { name, cert: pem(der), key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** DER (X.690): tag, length, content. */
function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...parts);
}

function integer(bytes: Uint8Array): Buffer {
  return tagged(0x02, bytes);
}

function identifier(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

/** ecdsa-with-SHA256 (RFC 5758 3.2). */
const ECDSA_SHA256 = sequence(identifier("2a8648ce3d040302"));

/** commonName (RFC 5280 appendix A.1). */
function nameOf(text: string): Buffer {
  return sequence(tagged(0x31, sequence(identifier("550403"), tagged(0x0c, Buffer.from(text)))));
}

/** GeneralizedTime, whole seconds. */
function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  return tagged(0x18, Buffer.from(digits));
}

function basicConstraints(isAuthority: boolean): Buffer {
  const value = sequence(...(isAuthority ? [tagged(0x01, Buffer.from([0xff]))] : []));
  return sequence(identifier("551d13"), tagged(0x01, Buffer.from([0xff])), tagged(0x04, value));
}

function alternativeNames(hosts: readonly string[], uri: string | undefined): Buffer {
  const names = ["localhost", ...hosts].map((host) => tagged(0x82, Buffer.from(host)));
  const more = uri === undefined ? [] : [tagged(0x86, Buffer.from(uri))];
  const value = sequence(...names, tagged(0x87, Buffer.from([127, 0, 0, 1])), ...more);
  return sequence(identifier("551d11"), tagged(0x04, value));
}

function pem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
