#!/usr/bin/env bash
# defaults.sh SOURCE LAIR: the numbers of docs/model.md are those of the program and of the shipped files.
# Each table whose first column is headed "key" is given to `lair check` as --set: the scenario's hash
# must not change, and it must change with half as much again.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$1" || exit 1
lair=$2
scenario=scenarios/quickstart.toml
hash() { "$lair" check "$scenario" "$@" | grep -oE 'hash [0-9a-f]{32}'; }

rows=$(awk -F'|' '
  /^\| *key *\|/ { table = 1; next }
  !/^\|/ { table = 0 }
  table && $2 ~ /`/ { gsub(/^[ `]+|[ `]+$/, "", $2); gsub(/^[ `]+|[ `]+$/, "", $3); print $2 "=" $3 }
  ' docs/model.md)
count=$(printf '%s\n' "$rows" | grep -c =)
[ "$count" -ge 50 ] || fail "only $count defaults found in docs/model.md"

plain=$(hash) || fail "$scenario cannot be checked"
while IFS= read -r row; do
  got=$(hash --set "$row" 2>&1) || { fail "docs/model.md: $row: $("$lair" check "$scenario" --set "$row" 2>&1)"; continue; }
  [ "$got" = "$plain" ] || fail "docs/model.md says $row, which is not so"
  # Half as much again must give another hash (or an error), else the row shows nothing.
  case $row in
    *=[0-9]*)
      other=$(awk -v row="$row" 'BEGIN { at = index(row, "="); value = substr(row, at + 1)
                match(value, /^[0-9.]+/); number = substr(value, 1, RLENGTH)
                print substr(row, 1, at) number * 1.5 + 0.5 substr(value, RLENGTH + 1) }')
      [ "$(hash --set "$other" 2> /dev/null)" != "$plain" ] ||
        fail "docs/model.md: $row: $other makes no difference" ;;
  esac
done <<< "$rows"
finish
