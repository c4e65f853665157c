import { isIP } from "node:net";

/**
 * The header by which a load balancer says whom it speaks for (The PROXY protocol, versions 1 and 2,
 * https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt).
 */
export interface ProxyHeader {
  /** Bytes that it takes. */
  readonly length: number;
  /** Absent where the balancer speaks for itself (`LOCAL`, `UNKNOWN`), or for something that has no IP address. */
  readonly source?: { readonly address: string; readonly port: number };
}

/** Section 2.1: with both addresses written as long as can be, and CR LF. Bytes. */
const LONGEST_V1 = 107;

/** Section 2.2: what no other protocol begins with. */
const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");
const FIXED_V2 = 16;

/** Of addresses and TLVs; balancers send some hundred at most. Bytes. */
const LONGEST_V2 = 4_096;

/** What the first bytes of a connection say; `more`: it cannot be told yet. Anything but a whole and proper header is `bad`. */
export function readProxyHeader(bytes: Buffer): ProxyHeader | "more" | "bad" {
  if (isBeginning(bytes, SIGNATURE)) return bytes.length < FIXED_V2 ? "more" : readV2(bytes);
  if (isBeginning(bytes, Buffer.from("PROXY "))) return readV1(bytes);
  return "bad";
}

function isBeginning(bytes: Buffer, wanted: Buffer): boolean {
  const length = Math.min(bytes.length, wanted.length);
  return bytes.subarray(0, length).equals(wanted.subarray(0, length));
}

function readV1(bytes: Buffer): ProxyHeader | "more" | "bad" {
  const end = bytes.subarray(0, LONGEST_V1).indexOf("\r\n");
  if (end === -1) return bytes.length < LONGEST_V1 ? "more" : "bad";
  const length = end + 2;
  const [, family, ...rest] = bytes.toString("latin1", 0, end).split(" ");
  if (family === "UNKNOWN") return { length };
  const version = { TCP4: 4, TCP6: 6 }[family ?? ""];
  const [source = "", destination = "", port = "", destinationPort = ""] = rest;
  const isProper = isIP(source) === version && isIP(destination) === version && rest.length === 4;
  if (!isProper || !isPort(port) || !isPort(destinationPort)) return "bad";
  return { length, source: { address: source, port: Number(port) } };
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

const LOCAL = 0x20;
const PROXY = 0x21;

/** Families with the transport STREAM, and how many bytes their two addresses and ports have. */
const TCP4 = 0x11;
const TCP6 = 0x21;
const SIZES: Readonly<Record<number, number>> = { [TCP4]: 12, [TCP6]: 36 };

function readV2(bytes: Buffer): ProxyHeader | "more" | "bad" {
  const [command = 0, family = 0] = bytes.subarray(12, 14);
  const rest = bytes.readUInt16BE(14);
  if ((command !== LOCAL && command !== PROXY) || rest > LONGEST_V2) return "bad";
  const length = FIXED_V2 + rest;
  if (bytes.length < length) return "more";
  const size = SIZES[family];
  // Section 2.2: receivers take the connection as it is where they do not know the family.
  if (command === LOCAL || size === undefined) return { length };
  if (rest < size) return "bad";
  const width = family === TCP4 ? 4 : 16;
  const address = bytes.subarray(FIXED_V2, FIXED_V2 + width);
  const port = bytes.readUInt16BE(FIXED_V2 + 2 * width);
  return { length, source: { address: written(address), port } };
}

function written(address: Buffer): string {
  if (address.length === 4) return [...address].join(".");
  return Array.from({ length: 8 }, (_, index) => address.readUInt16BE(2 * index).toString(16)).join(":");
}
