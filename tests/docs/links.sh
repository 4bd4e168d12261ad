#!/usr/bin/env bash
# links.sh SOURCE: every relative link and picture in a document leads to a file of the tree, and every
# #anchor to a heading of it.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$1" || exit 1

# Headings as anchors: lower case, punctuation dropped, blanks become hyphens.
anchors() {
  awk '/^```/ { code = !code } !code && /^#+ / { sub(/^#+ +/, ""); print }' "$1" |
    tr '[:upper:]' '[:lower:]' | sed -e 's/[^a-z0-9 _-]//g' -e 's/ /-/g'
}

# Targets of [text](target), ![text](target) and src="target", outside code.
targets() {
  awk '/^ *```/ { code = !code; next } !code' "$1" | sed 's/`[^`]*`//g' |
    grep -oE '\]\([^) ]+\)|src="[^"]+"' | sed -E 's/^\]\(//; s/\)$//; s/^src="//; s/"$//'
}

links=0
for document in $(documents .); do
  while IFS= read -r target; do
    case $target in
      "" | http://* | https://* | mailto:*) continue ;;
    esac
    links=$((links + 1))
    path=${target%%#*}
    anchor=
    [ "$path" = "$target" ] || anchor=${target#*#}
    if [ -z "$path" ]; then file=$document; else file=$(dirname "$document")/$path; fi
    if [ ! -e "$file" ]; then
      fail "$document links to $target, which does not exist"
    elif [ -n "$anchor" ] && ! anchors "$file" | grep -qxF -- "$anchor"; then
      fail "$document links to $target, and $file has no such heading"
    fi
  done < <(targets "$document")
done
[ "$links" -ge 10 ] || fail "only $links relative links found: this test does not see the documents"
finish
