import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addressAllowed, addressNamed, parseNetworks } from "../../src/outbound/address-policy.ts";

const nothing = parseNetworks("");

const FORBIDDEN = [
  "127.0.0.1",
  "127.255.255.254",
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "10.255.255.255",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.0.1",
  "100.64.0.1",
  "100.100.100.200",
  "169.254.169.254",
  "192.0.0.192",
  "192.0.2.1",
  "192.88.99.1",
  "198.18.0.1",
  "198.51.100.7",
  "203.0.113.7",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "168.63.129.16",
  "::ffff:168.63.129.16",
  "::",
  "::1",
  "::127.0.0.1",
  "::10.0.0.1",
  "::ffff:127.0.0.1",
  "::ffff:7f00:1",
  "::ffff:10.0.0.1",
  "::ffff:0:127.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b:1::7f00:1",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2001:2::1",
  "2002:7f00:1::",
  "3fff::1",
  "4000::1",
  "5f00::1",
  "fc00::1",
  "fd12:3456::1",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "",
  "localhost",
  "127.1",
  "0x7f.1",
  "2130706433",
];

const PUBLIC = [
  "1.1.1.1",
  "8.8.8.8",
  "93.184.215.14",
  "172.32.0.1",
  "2606:4700::1111",
  "2a00:1450:4001::1",
  "::ffff:1.1.1.1",
];

for (const address of FORBIDDEN) {
  test(`S01 ${address || "nothing"} is not reached without being named`, () => {
    assert.equal(addressAllowed(nothing, address), false);
  });
}

for (const address of PUBLIC) {
  test(`S01 ${address} is public`, () => {
    assert.equal(addressAllowed(nothing, address), true);
    assert.equal(addressNamed(nothing, address), false, "public, but named by nobody");
  });
}

const NAMED: readonly [list: string, inside: readonly string[], outside: readonly string[]][] = [
  ["loopback", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"], ["10.0.0.1", "0.0.0.0", "169.254.169.254"]],
  ["private", ["10.1.1.1", "172.20.0.1", "192.168.1.1", "fd00::1"], ["127.0.0.1", "169.254.169.254", "100.64.0.1"]],
  ["10.2.0.0/16", ["10.2.0.1", "::ffff:10.2.3.4"], ["10.3.0.1"]],
  ["10.0.0.7", ["10.0.0.7"], ["10.0.0.8"]],
  ["fd00:1::/32, ::1", ["fd00:1::5", "::1"], ["fd00:2::5"]],
  ["168.63.129.16", ["168.63.129.16"], ["169.254.169.254"]],
  [" loopback , private ", ["127.0.0.1", "192.168.0.1"], ["169.254.169.254"]],
  ["any", ["127.0.0.1", "169.254.169.254", "::1"], ["not an address"]],
];

for (const [list, inside, outside] of NAMED) {
  test(`S01 "${list}" names what it says and nothing else`, () => {
    const policy = parseNetworks(list);
    for (const address of inside) assert.equal(addressAllowed(policy, address), true, address);
    for (const address of inside) assert.equal(addressNamed(policy, address), true, address);
    for (const address of outside) assert.equal(addressAllowed(policy, address), false, address);
  });
}

const PLATFORM = [
  ["169.254.169.254", "169.254.0.0/16", "0.0.0.0/0"],
  ["169.254.170.2", "169.254.170.0/24", "0.0.0.0/0"],
  ["100.100.100.200", "100.100.100.200", "100.64.0.0/10"],
  ["168.63.129.16", "168.63.129.16", "168.63.0.0/16"],
  ["192.0.0.192", "192.0.0.192", "192.0.0.0/24"],
  ["fd00:ec2::254", "fd00:ec2::254", "private"],
  ["fd00:ec2::23", "fd00:ec2::/32", "private"],
  ["fd20:ce::254", "fd20:ce::254", "fc00::/7"],
  ["fd00:c1::a9fe:a9fe", "fd00:c1::a9fe:a9fe", "private"],
  ["fd00:42::42", "fd00:42::42", "private"],
] as const;

for (const [address, named, wider] of PLATFORM) {
  test(`ST-28 S01 the platform's own ${address} is not meant by "${wider}", only by itself`, () => {
    assert.equal(addressAllowed(parseNetworks(wider), address), false);
    assert.equal(addressNamed(parseNetworks(wider), address), false);
    assert.equal(addressAllowed(parseNetworks(named), address), true);
  });
}

test("S01 host names are kept by name, in lower case", () => {
  assert.deepEqual([...parseNetworks("KeyCloak, as.example.com").hosts], ["keycloak", "as.example.com"]);
});

const UNUSABLE = [
  "10.0.0.0/33",
  "10.0.0.0/8/8",
  "10.0.0.0/x",
  "10.0.0/8",
  "127.1",
  "0177.0.0.1",
  "as.example.0x7f",
  "2130706433",
  "::ffff:10.0.0.0/104",
  "*.example.com",
  "https://as.example.com",
  "as.example.com:8443",
  "as.example.com.",
  "-as.example.com",
  "two words",
];

for (const part of UNUSABLE) {
  test(`S01 "${part}" is refused with a sentence that names it`, () => {
    assert.throws(
      () => parseNetworks(`loopback,${part}`),
      (error: Error) => error.message.startsWith(`"${part}" is not a network`),
    );
  });
}

/** Written apart from the library under test: the first octets nobody on the Internet has. */
function isPublicIpv4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  if (a === 0 || a === 10 || a === 127 || a >= 224) return false;
  if (a === 100) return b < 64 || b > 127;
  if (a === 169) return b !== 254;
  if (a === 172) return b < 16 || b > 31;
  if (a === 192) return !(b === 168 || (b === 0 && (c === 0 || c === 2)));
  if (a === 198) return b !== 18 && b !== 19 && !(b === 51 && c === 100);
  return !(a === 203 && b === 0 && c === 113);
}

test("S01 property: an allowed IPv4 address is public, however it is spelt", () => {
  const octet = fc.oneof(
    fc.nat(255),
    fc.constantFrom(0, 2, 10, 18, 64, 100, 113, 127, 168, 169, 172, 192, 198, 203, 254),
  );
  fc.assert(
    fc.property(fc.tuple(octet, octet, octet, octet), fc.boolean(), (octets, mapped) => {
      const address = (mapped ? "::ffff:" : "") + octets.join(".");
      return !addressAllowed(nothing, address) || isPublicIpv4(octets);
    }),
    { numRuns: 2000 },
  );
});

test("S01 property: an allowed IPv6 address is in 2000::/3", () => {
  const group = fc.oneof(fc.nat(0xffff), fc.constantFrom(0, 1, 0x64, 0xff9b, 0x2001, 0x2002, 0xfc00, 0xfe80, 0xffff));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const isMapped = groups.slice(0, 5).every((each) => each === 0) && groups[5] === 0xffff;
      const address = groups.map((each) => each.toString(16)).join(":");
      const isGlobal = ((groups[0] ?? 0) & 0xe000) === 0x2000;
      return isMapped || !addressAllowed(nothing, address) || isGlobal;
    }),
    { numRuns: 2000 },
  );
});
