/** The scripts that complete hsha's command line in bash, zsh and fish. */

/** A command, as far as it can be completed. */
export interface Completed {
  name: string;
  /** What it is for. */
  summary: string;
  options: readonly CompletedOption[];
}

/** One of its options. */
export interface CompletedOption {
  /** Without dashes. */
  flag: string;
  /** Its letter. */
  short?: string;
  help: string;
  /** What follows it, and whether only after a `=`. */
  value: "none" | "words" | "files" | "text" | "files after =" | "text after =";
  /** Values that it may have. */
  words?: readonly string[];
  /** What its value is called. */
  metavar?: string;
}

/** The command, where none is named. */
const DEFAULT = "serve";

const isAfterEquals = ({ value }: CompletedOption) => value.endsWith("=");

/** The script for bash. */
export function bashScript(commands: readonly Completed[]): string {
  const names = commands.map(({ name }) => name);
  const cases = commands.flatMap(({ name, options }) => {
    const flags = options.map((it) => `--${it.flag}${isAfterEquals(it) ? "=" : ""}`);
    const values = options.flatMap((it) => {
      const how = bashValue(it);
      return how === undefined ? [] : [`    ${bashPattern(name, it)}) ${how}; return ;;`];
    });
    return [...values, `    "${name} "*) words="${flags.join(" ")}" ;;`];
  });
  return `# hsha in bash: eval "$(hsha completions bash)"
# Completes words and files; the name of a file may hold spaces.
_hsha_files() {
  local IFS=$'\\n'
  compopt -o filenames
  COMPREPLY=($(compgen -W "$*" -- "$word") $(compgen -f -- "$word"))
}
_hsha() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=${DEFAULT} words each
  COMPREPLY=()
  case " ${names.join(" ")} " in
    *" \${COMP_WORDS[1]} "*) [ "$COMP_CWORD" -gt 1 ] && command=\${COMP_WORDS[1]} ;;
  esac
  # Words after -- are the handler's.
  for each in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [ "$each" = -- ] && { compopt -o default; return; }
  done
  # bash splits --option=value.
  [ "$word" = "=" ] && word=
  [ "$before" = "=" ] && before=\${COMP_WORDS[COMP_CWORD-2]}=
  [ "\${COMP_WORDS[COMP_CWORD]}" = "=" ] && before=$before=
  case "$command $before" in
${cases.join("\n")}
  esac
  [ "$COMP_CWORD" -eq 1 ] && [ "\${word#-}" = "$word" ] && words="${names.join(" ")}"
  [ "$command" = completions ] && [ "\${word#-}" = "$word" ] && words="bash zsh fish"
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [ "\${COMPREPLY[0]: -1}" = "=" ] && compopt -o nospace
}
complete -F _hsha hsha
`;
}

/** The words before a value, as bash has them. */
function bashPattern(command: string, { flag, short, value }: CompletedOption): string {
  const long = value.endsWith("=") ? [`--${flag}=`] : [`--${flag}`, `--${flag}=`];
  const all = short === undefined ? long : [...long, `-${short}`];
  return all.map((each) => `"${command} ${each}"`).join("|");
}

function bashValue({ value, words = [] }: CompletedOption): string | undefined {
  switch (value) {
    case "none":
      return undefined;
    case "text":
    case "text after =":
      return ":";
    case "words":
      return `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$word"))`;
    default:
      return ["_hsha_files", ...words].join(" ");
  }
}

/** The script for zsh. */
export function zshScript(commands: readonly Completed[]): string {
  const described = commands.map(({ name, summary }) =>
    zshQuote(`${name}:${firstSentence(summary)}`)
  );
  const cases = commands.map(({ name, options }) => {
    const rest = name === "completions" ? "'1:shell:(bash zsh fish)'" : "'*::argument:_files'";
    const specs = [...options.map(zshSpec), rest].map((spec) => `        ${spec}`);
    return `    ${name})\n      _arguments -s \\\n${specs.join(" \\\n")}\n      ;;`;
  });
  return `#compdef hsha
# hsha in zsh: source <(hsha completions zsh), after compinit; or a file _hsha in a folder of $fpath.
_hsha() {
  local command=${DEFAULT}
  local -a commands=(${described.join(" ")})
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  if (( \${commands[(I)$words[2]:*]} )); then
    command=$words[2]
    shift words
    (( CURRENT-- ))
  fi
  case $command in
${cases.join("\n")}
  esac
}
if [ "$funcstack[1]" = _hsha ]; then _hsha "$@"; else compdef _hsha hsha; fi
`;
}

/** An option as _arguments of zsh takes it. */
function zshSpec({ flag, short, help, value, words = [], metavar = "" }: CompletedOption): string {
  const text = help.replaceAll(/[[\]:]/g, "\\$&");
  const action = value.startsWith("files")
    ? words.length === 0
      ? "_files"
      : `{_alternative "words\\:name\\:(${words.join(" ")})" "files\\:file\\:_files"}`
    : value === "words"
    ? `(${words.join(" ")})`
    : "";
  const message = metavar.replaceAll(/[:,…|]/g, " ").trim();
  const argument = value === "none"
    ? ""
    : isAfterEquals({ flag, help, value })
    ? `::${message}:${action}`
    : `:${message}:${action}`;
  const sign = value === "none" ? "" : value.endsWith("=") ? "=-" : "=";
  const spec = zshQuote(`--${flag}${sign}[${text}]${argument}`);
  if (short === undefined) return spec;
  const letter = zshQuote(`-${short}${value === "none" ? "" : "+"}[${text}]${argument}`);
  return `${spec} \\\n        ${letter}`;
}

function zshQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The script for fish. */
export function fishScript(commands: readonly Completed[]): string {
  const names = commands.map(({ name }) => name);
  const lines = commands.flatMap(({ name, summary, options }) => [
    `complete -c hsha -n __hsha_first -a ${name} -d ${fishQuote(firstSentence(summary))}`,
    ...options.map((it) => fishOption(name, it)),
  ]);
  return `# hsha in fish: hsha completions fish >~/.config/fish/completions/hsha.fish
function __hsha_first
  test (count (commandline -opc)) -eq 1
end
function __hsha_command
  set -l typed (commandline -opc)
  set -l command ${DEFAULT}
  contains -- "$typed[2]" ${names.join(" ")}; and set command $typed[2]
  test $command = $argv[1]
end
complete -c hsha -f
complete -c hsha -n '__hsha_command completions' -a 'bash zsh fish'
${lines.join("\n")}
`;
}

function fishOption(command: string, it: CompletedOption): string {
  const { flag, short, help, value, words = [] } = it;
  const letter = short === undefined ? "" : ` -s ${short}`;
  const list = words.length === 0 ? "" : ` -a '${words.join(" ")}'`;
  const kind = value === "words" || value === "text" ? " -x" : value === "files" ? " -r -F" : "";
  return `complete -c hsha -n '__hsha_command ${command}' -l ${flag}${letter}${kind}${list} ` +
    `-d ${fishQuote(help)}`;
}

function fishQuote(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}

/** The first sentence of a summary, on one line. */
function firstSentence(text: string): string {
  return text.replaceAll("\n", " ").split(". ")[0].replace(/\.$/, "").replace(/^hsha: /, "");
}
