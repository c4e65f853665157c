/** The Vault version whose API is spoken; clients panic on anything but semver. The product's own is elsewhere. */
export const VAULT_VERSION = "1.18.0";

export const CLUSTER_NAME = "coatcheck";
