import assert from "node:assert/strict";
import { test } from "node:test";
import { type ProxyHeader, readProxyHeader } from "../../src/listen/proxy-header.ts";

const SIGNATURE = Buffer.from("0d0a0d0a000d0a515549540a", "hex");

/** A header of version 2: its command, its family, and what follows. */
function v2(command: number, family: number, rest: Uint8Array): Buffer {
  return Buffer.concat([SIGNATURE, Buffer.from([command, family, rest.length >> 8, rest.length & 0xff]), rest]);
}

const TCP4 = Buffer.from([203, 0, 113, 7, 10, 0, 0, 1, 0xdc, 0x04, 0x01, 0xbb]);
const TCP6 = Buffer.from(`20010db8${"00".repeat(11)}07${"00".repeat(16)}dc0401bb`, "hex");
const TLV = Buffer.from([0x04, 0x00, 0x03, 1, 2, 3]);

const GOOD: readonly (readonly [string | Buffer, ProxyHeader["source"]])[] = [
  ["PROXY TCP4 203.0.113.7 10.0.0.1 56324 443\r\n", { address: "203.0.113.7", port: 56_324 }],
  ["PROXY TCP6 2001:db8::7 ::1 1 65535\r\n", { address: "2001:db8::7", port: 1 }],
  ["PROXY UNKNOWN\r\n", undefined],
  [`PROXY UNKNOWN ${"f".repeat(39)} ${"f".repeat(39)} 65535\r\n`, undefined],
  [v2(0x21, 0x11, TCP4), { address: "203.0.113.7", port: 56_324 }],
  [v2(0x21, 0x11, Buffer.concat([TCP4, TLV])), { address: "203.0.113.7", port: 56_324 }],
  [v2(0x21, 0x21, TCP6), { address: "2001:db8:0:0:0:0:0:7", port: 56_324 }],
  [v2(0x20, 0x00, Buffer.alloc(0)), undefined],
  [v2(0x20, 0x11, TCP4), undefined],
  [v2(0x21, 0x00, Buffer.alloc(0)), undefined],
  [v2(0x21, 0x31, Buffer.alloc(216)), undefined],
];

const BAD: readonly (string | Buffer)[] = [
  "GET / HTTP/1.1\r\n",
  "PROXY  TCP4 203.0.113.7 10.0.0.1 1 2\r\n",
  "PROXY TCP4 203.0.113.7 10.0.0.1 1\r\n",
  "PROXY TCP4 203.0.113.7 10.0.0.1 1 2 3\r\n",
  "PROXY TCP4 2001:db8::7 10.0.0.1 1 2\r\n",
  "PROXY TCP6 203.0.113.7 ::1 1 2\r\n",
  "PROXY TCP4 203.0.113.07 10.0.0.1 1 2\r\n",
  "PROXY TCP4 localhost 10.0.0.1 1 2\r\n",
  "PROXY TCP4 203.0.113.7 10.0.0.1 65536 2\r\n",
  "PROXY TCP4 203.0.113.7 10.0.0.1 01 2\r\n",
  "PROXY TCP4 203.0.113.7 10.0.0.1 -1 2\r\n",
  "PROXY UDP4 203.0.113.7 10.0.0.1 1 2\r\n",
  "PROXY toString 203.0.113.7 10.0.0.1 1 2\r\n",
  "proxy TCP4 203.0.113.7 10.0.0.1 1 2\r\n",
  `PROXY UNKNOWN ${"x".repeat(107)}\r\n`,
  v2(0x22, 0x11, TCP4),
  v2(0x11, 0x11, TCP4),
  v2(0x21, 0x11, TCP4.subarray(1)),
  v2(0x21, 0x21, TCP4),
  v2(0x21, 0x11, Buffer.alloc(4_097)),
  Buffer.from([0x16, 0x03, 0x01]),
];

test("ST-43 a PROXY header is read whole and exactly, in whatever pieces it comes", () => {
  for (const [text, source] of GOOD) {
    const bytes = Buffer.from(text);
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(readProxyHeader(bytes.subarray(0, length)), "more", `${length} bytes of ${text}`);
    }
    const whole = { length: bytes.length, ...(source && { source }) };
    assert.deepEqual(readProxyHeader(bytes), whole);
    assert.deepEqual(readProxyHeader(Buffer.concat([bytes, Buffer.from("PROXY TCP4 GET /")])), whole);
  }
});

test("ST-43 anything else is refused as soon as it can be told", () => {
  for (const text of BAD) assert.equal(readProxyHeader(Buffer.from(text)), "bad", String(text));
});
