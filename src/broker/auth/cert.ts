import { X509Certificate } from "node:crypto";
import { isLike } from "../../access/like.ts";
import type { ClientCertificate, Values } from "../auth.ts";
import { invalid } from "../errors.ts";
import { list, lower, text } from "./fields.ts";
import { LoginRefused, method } from "./method.ts";

const ROLE = {
  certificate: text(
    "Certificates in PEM, each the client's own or one that it was issued by; none = any of --tls-client-ca",
  ),
  allowed_common_names: list("What the common name may be; a `*` stands for any characters"),
  allowed_dns_sans: list("The same of DNS names"),
  allowed_email_sans: list("The same of e-mail addresses"),
  allowed_uri_sans: list("The same of URIs"),
  allowed_organizational_units: list("The same of organizational units"),
  display_name: text("What its tokens are called"),
};

type Role = Values<typeof ROLE>;

/**
 * A TLS client certificate, which the connection has proved (`serve --tls-client-ca`): its chain, its time, and that the client has its key
 * (developer.hashicorp.com/vault/api-docs/auth/cert).
 */
export const cert = method({
  type: "cert",
  noun: "certs",
  config: {},
  role: ROLE,
  login: { name: lower("The role; none = the first whose bounds the certificate keeps") },
  checkRole: (role) => {
    certificatesIn(role.certificate);
    const isBound = role.certificate !== "" || boundsOf(role).some(([patterns]) => patterns.length > 0);
    if (!isBound) throw invalid("give a certificate, or allowed names: otherwise any client would do");
  },
  names: ({ name }) => name,
  judge: async (_context, { mount, sent, from }, roles) => {
    const { certificate } = from;
    if (!certificate) throw new LoginRefused("the connection has no client certificate");
    const names = sent.name === "" ? await roles.names() : [sent.name];
    for (const name of names.slice(0, MOST_ROLES)) {
      const role = await roles.find(name);
      // A role that is not there is judged as well (ST-142).
      const isIts = fits(role?.values ?? roles.nobodys, certificate);
      if (!role || !isIts) continue;
      const { commonName, serialNumber } = certificate;
      if (commonName === "") throw new LoginRefused("the certificate has no common name");
      return {
        role: role.name,
        alias: commonName,
        metadata: { cert_name: role.name, common_name: commonName, serial_number: serialNumber },
        displayName: `${mount.path}-${role.values.display_name || role.name}`,
        rules: role.values,
      };
    }
    throw new LoginRefused("no role takes the certificate");
  },
});

/** Roles that are tried where none is named. */
const MOST_ROLES = 100;

const NOBODY: ClientCertificate = {
  ...{ commonName: "", serialNumber: "", organizationalUnits: [], dns: [], emails: [], uris: [], chain: [] },
};

/** What a role allows, beside what a certificate has. */
function boundsOf(
  role: Role,
  { commonName, dns, emails, uris, organizationalUnits } = NOBODY,
): readonly (readonly [readonly string[], readonly string[]])[] {
  return [
    [role.allowed_common_names, [commonName]],
    [role.allowed_dns_sans, dns],
    [role.allowed_email_sans, emails],
    [role.allowed_uri_sans, uris],
    [role.allowed_organizational_units, organizationalUnits],
  ];
}

/** Of each kind that is bound one has to fit. */
function fits(role: Role, certificate: ClientCertificate): boolean {
  const isNamed = boundsOf(role, certificate).every(
    ([patterns, has]) => patterns.length === 0 || has.some((one) => patterns.some((pattern) => isLike(pattern, one))),
  );
  const [own] = certificate.chain;
  // Where a role names none, its own: as much is read then, and whether the names fit changes nothing of that.
  const trusted = role.certificate === "" && own ? [new X509Certificate(own)] : certificatesIn(role.certificate);
  const isTrusted = isFrom(trusted, certificate.chain) || role.certificate === "";
  return isNamed && isTrusted;
}

function isFrom(trusted: readonly X509Certificate[], chain: readonly Uint8Array[]): boolean {
  const [own] = chain;
  if (!own) return false;
  const leaf = new X509Certificate(own);
  return trusted.some(
    (one) => chain.some((link) => one.raw.equals(link)) || (leaf.checkIssued(one) && leaf.verify(one.publicKey)),
  );
}

/** Throws `BrokerError`. */
function certificatesIn(pem: string): readonly X509Certificate[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const wrong = invalid("certificate cannot be read: give certificates in PEM");
  if (found.length === 0 && pem !== "") throw wrong;
  return found.map((one) => {
    try {
      return new X509Certificate(one);
    } catch {
      throw wrong;
    }
  });
}
