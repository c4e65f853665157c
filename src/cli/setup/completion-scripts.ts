import { ASK, NAMING_COMMANDS, NAMING_OPTIONS } from "./completion-names.ts";

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
      return `(( $+functions[compdef] )) || { autoload -U +X compinit && compinit -i; }\nautoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;
    case "fish":
      return fish(words);
    case "powershell":
      return powershell(words);
    default:
      return shell satisfies never;
  }
}

/**
 * bash takes `:` and `=` for ends of words (COMP_WORDBREAKS) and replaces only what is behind the last: words are put together
 * again, and what is offered is cut there. zsh does neither.
 */
const BASH_WORD = `  while ((last > 1)); do
    one="\${COMP_WORDS[last-1]}"
    case "$one|$typed" in *[:=]"|"*|*"|"[:=]*) ;; *) break ;; esac
    case "$line" in *"$one$typed") ;; *) break ;; esac
    typed="$one$typed"
    last=$((last - 1))
  done
  previous="\${COMP_WORDS[last-1]}"
  for mark in : =; do
    case "$COMP_WORDBREAKS" in *"$mark"*) ;; *) continue ;; esac
    rest="\${typed##*"$mark"}"
    one="\${typed%"$rest"}"
    [ "$rest" != "$typed" ] && [ "\${#one}" -gt "\${#cut}" ] && cut="$one"
  done
  case "$typed" in
    --*=*)
      previous="\${typed%%=*}"
      option="$previous="
      typed="\${typed#*=}"
      ;;
  esac
`;

/**
 * What follows is offered for the longest path of a command that was typed; values of options and names lie between. Names
 * come from the command itself, and are words that a shell expands nothing in; where there are none, options are offered.
 * zsh reads it too: there `path` is PATH, and a slice of an array is something else.
 */
function bash(words: Words): string {
  const cases = [...words].map(([path, list]) => `    "${path}") words="${list.join(" ")}" ;;`);
  return `_coatcheck_words() {
  case "$1" in
${cases.join("\n")}
    *) return 1 ;;
  esac
}
_coatcheck_names() {
  case "$1" in -*) return 1 ;; esac
  case "$2" in ${NAMING_OPTIONS.join("|")}) return 0 ;; esac
  case "$3" in ${NAMING_COMMANDS.map((path) => `"${path}"`).join("|")}) return 0 ;; esac
  return 1
}
_coatcheck() {
  local found="" one at words="" typed="\${COMP_WORDS[COMP_CWORD]}" previous="" option="" cut="" mark rest
  local last=$COMP_CWORD line="\${COMP_LINE:0:COMP_POINT}"
${BASH_WORD}  _coatcheck_words ""
  for ((at = 1; at < last; at++)); do
    one="\${COMP_WORDS[at]}"
    [ "$one" = "--" ] && return
    _coatcheck_words "\${found:+$found }$one" && found="\${found:+$found }$one"
  done
  COMPREPLY=()
  if _coatcheck_names "$typed" "$previous" "$found"; then
    while IFS= read -r one; do
      one="$option$one"
      COMPREPLY+=("\${one#"$cut"}")
    done < <("\${COMP_WORDS[0]}" ${ASK} "$found" "$previous" "$typed" 2>/dev/null)
    [ "\${#COMPREPLY[@]}" -gt 0 ] && return
  fi
  [ -n "$option" ] && return
  COMPREPLY=($(compgen -W "$words" -- "$typed"))
}
complete -o default -F _coatcheck coatcheck
`;
}

function fish(words: Words): string {
  const lines = [...words].flatMap(([path, list]) => {
    const condition = seen(path);
    return list.map((word) =>
      word.startsWith("--")
        ? `complete -c coatcheck -n '${condition}' -l ${word.slice(2)}`
        : `complete -c coatcheck -n '${condition}' -a ${word}`,
    );
  });
  const ask = (path: string, previous: string) =>
    `(coatcheck ${ASK} "${path}" "${previous}" (commandline -ct) 2>/dev/null)`;
  const names = NAMING_COMMANDS.map((path) => `complete -c coatcheck -n '${seen(path)}' -a '${ask(path, "")}'`);
  const values = NAMING_OPTIONS.map(
    (option) => `complete -c coatcheck -l ${option.slice(2)} -x -a '${ask("", option)}'`,
  );
  return `complete -c coatcheck -f\n${[...lines, ...names, ...values].join("\n")}\n`;
}

/** That the words of a path were typed. */
function seen(path: string): string {
  if (path === "") return "__fish_use_subcommand";
  return path
    .split(" ")
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join("; and ");
}

function powershell(words: Words): string {
  const quoted = (list: readonly string[]) => list.map((word) => `'${word}'`).join(", ");
  const table = [...words].map(([path, list]) => `    '${path}' = @(${quoted(list)})`);
  return `Register-ArgumentCompleter -Native -CommandName coatcheck -ScriptBlock {
  param($word, $ast, $cursor)
  $table = @{
${table.join("\n")}
  }
  $typed = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" } | Where-Object { $_ -ne $word })
  $path = @($typed | Where-Object { $_ -notlike '-*' })
  while ($path.Count -gt 0 -and -not $table.ContainsKey($path -join ' ')) { $path = @($path | Select-Object -SkipLast 1) }
  $at = $path -join ' '
  $previous = "$($typed | Select-Object -Last 1)"
  $found = @()
  if ($word -notlike '-*' -and (@(${quoted(NAMING_OPTIONS)}) -contains $previous -or @(${quoted(NAMING_COMMANDS)}) -contains $at)) {
    $found = @(& coatcheck ${ASK} $at $previous "$word" 2>$null)
  }
  if ($found.Count -eq 0) { $found = $table[$at] }
  $found | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
`;
}
