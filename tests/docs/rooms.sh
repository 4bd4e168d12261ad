#!/usr/bin/env bash
# rooms.sh SOURCE: the includes of src/ keep to the table of rooms in docs/architecture.md, and each heavy
# library is included in its own room only.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$1" || exit 1

table=$(awk -F'|' '/^\| *room *\|/ { on = 1; next } !/^\|/ { on = 0 } on && $2 ~ /`/ {
          gsub(/[` ]/, "", $2); gsub(/[ ,]+/, " ", $4); gsub(/ /, "", $5); print $2 "|" $4 "|" $5 }' \
        docs/architecture.md)
knows() { printf '%s\n' "$table" | awk -F'|' -v room="$1" '$1 == room { print $2; exit }'; }
room_of() { case $1 in world/*) echo "$1" | cut -d/ -f1-2 ;; *) echo "${1%%/*}" ;; esac; }
libraries=$(printf '%s\n' "$table" | awk -F'|' '$3 != "" { print $3 "|" $1 }')
[ "$(printf '%s\n' "$libraries" | wc -l)" -ge 4 ] || fail "docs/architecture.md names too few libraries"

includes=0
while IFS=: read -r file line; do
  room=$(room_of "${file#src/}")
  printf '%s\n' "$table" | grep -q "^$room|" || { fail "$file: docs/architecture.md has no room '$room'"; continue; }
  target=$(printf '%s' "$line" | sed -E 's/.*#include *["<]([^">]+)[">].*/\1/')
  includes=$((includes + 1))
  case $line in
    *'"'*)
      other=$(room_of "$target")
      case " core $room $(knows "$room") " in
        *" $other "*) ;;
        *) fail "$file includes $target, and '$room' does not know '$other'" ;;
      esac ;;
    *)
      while IFS='|' read -r library owner; do
        case $target in
          "$library"/*) [ "$owner" = "$room" ] || fail "$file includes $target, which only $owner may" ;;
        esac
      done <<< "$libraries" ;;
  esac
done < <(grep -rE '^ *# *include' src --include='*.hpp' --include='*.cpp')
[ "$includes" -ge 100 ] || fail "only $includes includes found: this test does not see the source"

# What a policy's author includes reaches the standard library and itself only.
if grep -hE '^ *# *include' include/lair/* | grep -E '"|/' | grep -v '<lair/'; then
  fail "include/lair/ includes more than the standard library"
fi
finish
