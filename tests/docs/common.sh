# Helpers of the tests of the documents.
set -u
failures=0
fail() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}
finish() {
  [ "$failures" -eq 0 ] && echo ok
  exit "$((failures > 0))"
}
# Every document of the tree given, build and result folders apart.
documents() {
  (cd "$1" && find . -name '*.md' -not -path './build/*' -not -path '*/node_modules/*' -not -path './results/*/*/*' \
                     -not -path './.git/*' | sed 's|^\./||' | LC_ALL=C sort)
}
