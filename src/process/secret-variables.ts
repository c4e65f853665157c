/** Variables that are secrets. No other program gets them from this one (ST-10), and a broker takes its own out of its environment. */
export const SECRET_VARIABLES = [
  "COATCHECK_KEY",
  "COATCHECK_ROOT_TOKEN",
  "COATCHECK_DATABASE",
  "COATCHECK_METRICS_TOKEN",
  "COATCHECK_WEBHOOK_SECRET",
  "COATCHECK_CLIENT_KEY",
  "COATCHECK_OPERATOR_TOKEN",
  "COATCHECK_SESSION",
] as const;

export type SecretVariable = (typeof SECRET_VARIABLES)[number];
