export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
type Shell = (typeof SHELLS)[number];

/** Path of a command → what may follow it. */
type Words = ReadonlyMap<string, readonly string[]>;

export function script(shell: Shell, words: Words): string {
  switch (shell) {
    case "bash":
      return bash(words);
    case "zsh":
      // zsh runs bash's completions.
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;
    case "fish":
      return fish(words);
    case "powershell":
      return powershell(words);
    default:
      return shell satisfies never;
  }
}

/** What follows is offered for the longest path of a command that was typed; values of options and names lie between. */
function bash(words: Words): string {
  const cases = [...words].map(([path, list]) => `    "${path}") words="${list.join(" ")}" ;;`);
  return `_coatcheck_words() {
  case "$1" in
${cases.join("\n")}
    *) return 1 ;;
  esac
}
_coatcheck() {
  local path="" one words=""
  _coatcheck_words ""
  for one in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [ "$one" = "--" ] && return
    _coatcheck_words "\${path:+$path }$one" && path="\${path:+$path }$one"
  done
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _coatcheck coatcheck
`;
}

function fish(words: Words): string {
  const lines = [...words].flatMap(([path, list]) => {
    const seen = path.split(" ").filter((word) => word !== "");
    const condition =
      seen.length === 0
        ? "__fish_use_subcommand"
        : seen.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");
    return list.map((word) =>
      word.startsWith("--")
        ? `complete -c coatcheck -n '${condition}' -l ${word.slice(2)}`
        : `complete -c coatcheck -n '${condition}' -a ${word}`,
    );
  });
  return `complete -c coatcheck -f\n${lines.join("\n")}\n`;
}

function powershell(words: Words): string {
  const table = [...words].map(([path, list]) => `    '${path}' = @(${list.map((word) => `'${word}'`).join(", ")})`);
  return `Register-ArgumentCompleter -Native -CommandName coatcheck -ScriptBlock {
  param($word, $ast, $cursor)
  $table = @{
${table.join("\n")}
  }
  $path = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" } | Where-Object { $_ -ne $word -and $_ -notlike '-*' })
  while ($path.Count -gt 0 -and -not $table.ContainsKey($path -join ' ')) { $path = @($path | Select-Object -SkipLast 1) }
  $table[$path -join ' '] | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`;
}
