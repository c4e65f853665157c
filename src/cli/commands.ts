import type { Commands } from "./program.ts";

/** Every command, loaded only when it is the one: what a program waits for is mostly the start. */
export const COMMANDS: Commands = {
  login: async () => (await import("./login.ts")).loginCommand(),
  status: async () => (await import("./status.ts")).statusCommand(),
  token: async () => (await import("./token.ts")).tokenCommand(),
  header: async () => (await import("./header.ts")).headerCommand(),
  curl: async () => (await import("./curl.ts")).curlCommand(),
  exec: async () => (await import("./exec.ts")).execCommand(),
  list: async () => (await import("./list.ts")).listCommand(),
  logout: async () => (await import("./logout.ts")).logoutCommand(),
  why: async () => (await import("./why.ts")).whyCommand(),
  doctor: async () => (await import("./doctor.ts")).doctorCommand(),
  setup: async () => (await import("./setup.ts")).setupCommand(),
  credential: async () => (await import("./credential.ts")).credentialCommand(),
  agent: async () => (await import("./agent.ts")).agentCommand(),
  read: async () => (await import("./read.ts")).readCommand(),
  write: async () => (await import("./write.ts")).writeCommand(),
  delete: async () => (await import("./delete.ts")).deleteCommand(),
  server: async () => (await import("./server.ts")).serverCommand(),
  session: async () => (await import("./session.ts")).sessionCommand(),
  serve: async () => (await import("./serve.ts")).serveCommand(),
  migrate: async () => (await import("./migrate.ts")).migrateCommand(),
  backup: async () => (await import("./backup.ts")).backupCommand(),
  keys: async () => (await import("./keys.ts")).keysCommand(),
  restore: async () => (await import("./restore.ts")).restoreCommand(),
  completion: async () => (await import("./completion.ts")).completionCommand(COMMANDS),
};
