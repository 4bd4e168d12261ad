#!/usr/bin/env bash
# picture.sh SOURCE LAIR: docs/img/quickstart.svg is the figure that scripts/quickstart's report has. With
# LAIR_DOCS_UPDATE=1 it is drawn anew.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$1" || exit 1
lair=$2 picture=docs/img/quickstart.svg
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$lair" compare scenarios/quickstart.toml --policies none,overload-migration --seeds 1..5 --out "$work/results" \
  > "$work/log" 2>&1 && "$lair" report "$work/results" --figures "$work/figures" > "$work/log" 2>&1 ||
  { fail "the comparison or its report failed"; cat "$work/log" >&2; }
[ -z "${LAIR_DOCS_UPDATE:-}" ] || cp "$work/figures/slo-by-application.svg" "$picture"
cmp -s "$work/figures/slo-by-application.svg" "$picture" ||
  fail "$picture is not what the report of scripts/quickstart draws (LAIR_DOCS_UPDATE=1 ctest --preset fast -L docs)"
finish
