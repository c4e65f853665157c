import type { Entry } from "./edits.ts";

/** What an agent is told to start. */
export interface Server {
  /** What the agent calls it. */
  readonly name: string;
  /** Absolute path of a program. */
  readonly command: string;
  readonly args: readonly string[];
  /** Variables that the agent itself would not pass on. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Where a file is: `~` is the home folder, `$NAME` at the beginning a folder that folders.ts knows. Of several the first that is
 * there, else the first.
 */
type Paths = string | readonly string[];

export type ByPlatform = Readonly<Record<"linux" | "darwin" | "win32", Paths>>;

/** A program that starts MCP servers, as it documents its configuration. */
export interface Agent {
  /** Its name for people. */
  readonly title: string;
  readonly format: "json" | "toml" | "yaml";
  /** A person's own file; by platform where it differs. Absent: it is only shown. */
  readonly file?: Paths | ByPlatform;
  /** A project's file, below its folder. */
  readonly project?: string;
  /** The table of servers. */
  readonly table: readonly string[];
  /** A table in that one which has the servers instead, where it is there: a later version of the file. */
  readonly inner?: string;
  readonly entry: (server: Server) => Entry;
  /** The program writes a person's own file itself, by these words; where it cannot be found they are shown. */
  readonly command?: {
    readonly program: string;
    add(server: Server): readonly string[];
    remove(name: string): readonly string[];
  };
}

const plain = ({ command, args, env }: Server): Entry => ({ command, args, env });
const stdio = (server: Server): Entry => ({ type: "stdio", ...plain(server) });

/** Seconds and more: a person's own broker may have to be started first (codex waits for 10 s by itself). */
const START_S = 30;

/** Seconds that goose waits for a call; its own default. */
const CALL_S = 300;

export const AGENTS: Readonly<Record<string, Agent>> = {
  // https://code.claude.com/docs/en/mcp
  claude: {
    title: "Claude Code",
    format: "json",
    project: ".mcp.json",
    table: ["mcpServers"],
    entry: stdio,
    command: {
      program: "claude",
      // --env takes words until the next option.
      add: ({ name, command, args, env }) => [
        ...["mcp", "add", ...Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`])],
        ...["--scope", "user", name, "--", command, ...args],
      ],
      remove: (name) => ["mcp", "remove", "--scope", "user", name],
    },
  },
  // https://modelcontextprotocol.io/docs/develop/connect-local-servers
  "claude-desktop": {
    title: "Claude Desktop",
    format: "json",
    file: {
      linux: "$CONFIG/Claude/claude_desktop_config.json",
      darwin: "~/Library/Application Support/Claude/claude_desktop_config.json",
      win32: "$APPDATA/Claude/claude_desktop_config.json",
    },
    table: ["mcpServers"],
    entry: plain,
  },
  // https://cursor.com/docs/context/mcp
  cursor: {
    title: "Cursor",
    format: "json",
    file: "~/.cursor/mcp.json",
    project: ".cursor/mcp.json",
    table: ["mcpServers"],
    entry: plain,
  },
  // https://code.visualstudio.com/docs/copilot/reference/mcp-configuration
  vscode: {
    title: "Visual Studio Code",
    format: "json",
    file: {
      linux: "$CONFIG/Code/User/mcp.json",
      darwin: "~/Library/Application Support/Code/User/mcp.json",
      win32: "$APPDATA/Code/User/mcp.json",
    },
    project: ".vscode/mcp.json",
    table: ["servers"],
    entry: stdio,
  },
  // https://developers.openai.com/codex/mcp
  codex: {
    title: "Codex",
    format: "toml",
    file: "$CODEX_HOME/config.toml",
    project: ".codex/config.toml",
    table: ["mcp_servers"],
    entry: (server) => ({ ...plain(server), startup_timeout_sec: START_S }),
  },
  // https://google-gemini.github.io/gemini-cli/docs/tools/mcp-server.html
  gemini: {
    title: "Gemini CLI",
    format: "json",
    file: "~/.gemini/settings.json",
    project: ".gemini/settings.json",
    table: ["mcpServers"],
    entry: plain,
  },
  // https://opencode.ai/docs/mcp-servers
  opencode: {
    title: "opencode",
    format: "json",
    file: ["$CONFIG/opencode/opencode.json", "$CONFIG/opencode/opencode.jsonc"],
    project: "opencode.json",
    table: ["mcp"],
    inner: "servers",
    entry: ({ command, args, env }) => ({ type: "local", command: [command, ...args], environment: env }),
  },
  // https://zed.dev/docs/ai/mcp
  zed: {
    title: "Zed",
    format: "json",
    file: {
      linux: "$CONFIG/zed/settings.json",
      darwin: "~/.config/zed/settings.json",
      win32: "$APPDATA/Zed/settings.json",
    },
    table: ["context_servers"],
    entry: plain,
  },
  // https://docs.windsurf.com/windsurf/cascade/mcp
  windsurf: {
    title: "Windsurf",
    format: "json",
    file: "~/.codeium/windsurf/mcp_config.json",
    table: ["mcpServers"],
    entry: plain,
  },
  // https://www.jetbrains.com/help/junie/model-context-protocol-mcp.html
  junie: {
    title: "Junie",
    format: "json",
    file: "~/.junie/mcp/mcp.json",
    project: ".junie/mcp/mcp.json",
    table: ["mcpServers"],
    entry: plain,
  },
  // https://block.github.io/goose/docs/getting-started/using-extensions
  goose: {
    title: "goose",
    format: "yaml",
    file: {
      linux: "$CONFIG/goose/config.yaml",
      darwin: "~/.config/goose/config.yaml",
      win32: "$APPDATA/Block/goose/config/config.yaml",
    },
    table: ["extensions"],
    entry: ({ name, command, args, env }) => ({
      ...{ name, type: "stdio", cmd: command, args, envs: env },
      ...{ timeout: CALL_S, enabled: true },
    }),
  },
  json: { title: "your program", format: "json", table: ["mcpServers"], entry: plain },
  toml: { title: "your program", format: "toml", table: ["mcp_servers"], entry: plain },
};
