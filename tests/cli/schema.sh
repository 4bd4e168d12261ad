# lair schema.
. "$(dirname "$0")/common.sh" "$1"

expect 0 schema
cp "$work/stdout" "$work/scenario.json"
says scenario.json '"$schema": "https://json-schema.org/draft/2020-12/schema"'
says scenario.json '"sampling": {"type": "string", "pattern": '
for kind in scenario platform boards workload; do
  expect 0 schema $kind --out "$work/$kind.out"
  says stdout "$work/$kind.out: schema of a $kind"
  if command -v python3 >/dev/null; then
    python3 -m json.tool "$work/$kind.out" >/dev/null || fail "the schema of a $kind is no JSON"
  fi
done
cmp -s "$work/scenario.json" "$work/scenario.out" || fail "--out writes something else"
expect 2 schema --out "$work/scenario.out"
says stderr "is there already"
expect 0 schema --out "$work/scenario.out" --force --json
says stdout "{\"kind\": \"scenario\", \"file\": \"$work/scenario.out\"}"
expect 2 schema nonsense
says stderr "lair schema: what: "
finish
