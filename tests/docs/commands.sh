#!/usr/bin/env bash
# commands.sh SOURCE BUILD DOCUMENT [long]: runs every ```sh block of a document, in order, in a scratch
# copy of the tree in which build/release is BUILD. Comments, each on the line before a block, say more:
#   <!-- long -->        takes minutes: run with `long` (a test of the long suite), and only then
#   <!-- file: NAME -->  the block (of any language) is the file NAME, which later commands use
#   <!-- output -->      every line of the block is a line of what the last sh block printed. With
#                        LAIR_DOCS_UPDATE=1 a line that is not is replaced by the printed line that
#                        begins with the same word, in the document itself
#   <!-- needs PROGRAM -->  skipped, and said so, where there is no such program
#   <!-- scripts/test runs this -->  not run here; the block may only call scripts/quickstart and the
#                        like, which scripts/test runs in the real tree
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source=$(cd "$1" && pwd) build=$(cd "$2" && pwd) document=$3 part=${4:-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/tree
blocks=$scratch/blocks
mkdir -p "$tree/build" "$tree/results" "$blocks"
cp -r "$source"/{CMakeLists.txt,CMakePresets.json,README.md,cmake,docs,examples,include,platforms} \
      "$source"/{models,scenarios,scripts,src,tests,workloads} "$tree"
ln -s "$build" "$tree/build/release"

# One file per fenced block: first line "LINE LANGUAGE ANNOTATION", then its text.
awk -v out="$blocks" '
  !inside && /^ *<!-- .* -->$/ { note = $0; sub(/^ *<!-- /, "", note); sub(/ -->$/, "", note); next }
  /^ *```/ {
    if (inside) { inside = 0; close(file); note = ""; next }
    inside = 1; indent = index($0, "`") - 1
    language = substr($0, indent + 4); if (language == "") language = "none"
    file = sprintf("%s/%04d", out, ++count); print NR, language, note > file; next
  }
  inside { print substr($0, indent + 1) > file; next }
  !/^ *$/ { note = "" }
  END { if (inside) exit 1 }' "$source/$document" || fail "$document: a block is never closed"

for block in "$blocks"/*; do
  [ -e "$block" ] || break
  read -r line language note < "$block"
  where="$document:$line"
  text=$scratch/text
  tail -n +2 "$block" > "$text"
  case $note in
    "file: "*)
      mkdir -p "$tree/$(dirname "${note#file: }")"
      cp "$text" "$tree/${note#file: }"
      continue ;;
    output)
      [ "$part" != long ] || continue
      if [ -n "${LAIR_DOCS_UPDATE:-}" ]; then
        awk -v first="$line" 'NR == FNR { if (!($1 in printed)) printed[$1] = $0; next }
          FNR > first && /^```/ { first = 1e9 }
          FNR > first && ($1 in printed) { print printed[$1]; next } { print }' \
          "$scratch/output" "$source/$document" > "$scratch/new" && cp "$scratch/new" "$source/$document"
        continue
      fi
      while IFS= read -r wanted; do
        [ "$wanted" = ... ] || grep -qxF -- "$wanted" "$scratch/output" ||
          fail "$where: the commands above do not print: $wanted"
      done < "$text"
      [ "$failures" -eq 0 ] || { echo "they print:"; cat "$scratch/output"
        echo "If that is right: LAIR_DOCS_UPDATE=1 ctest --preset fast -L docs"; } >&2
      continue ;;
    "scripts/test runs this")
      grep -vE '^(#.*|scripts/(install-packages|quickstart|test)( .*)?)?$' "$text" &&
        fail "$where: only scripts that scripts/test runs may be left out here"
      continue ;;
    "needs "*)
      [ "$part" != long ] || continue
      command -v "${note#needs }" > /dev/null || { echo "$where: skipped, there is no ${note#needs }"; continue; } ;;
    long) [ "$part" = long ] || continue ;;
    "") [ "$part" != long ] || continue ;;
    *) fail "$where: unknown comment before a block: $note (tests/docs/commands.sh names the known ones)" ;;
  esac
  case $language in
    sh) ;;
    bash | shell | console | zsh) fail "$where: write commands as \`\`\`sh, so that they are tested"; continue ;;
    *) continue ;;
  esac
  if ! (cd "$tree" && PATH="$build:$PATH" bash -euo pipefail "$text") < /dev/null \
       > "$scratch/output" 2> "$scratch/errors"; then
    fail "$where: these commands failed:"
    cat "$text" "$scratch/output" "$scratch/errors" >&2
  fi
done
finish
