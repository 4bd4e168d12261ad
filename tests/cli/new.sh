# lair new: what it writes runs as it is.
. "$(dirname "$0")/common.sh" "$1"
lair=$(realpath "$lair")
cd "$work" || exit 1

expect 0 new scenario mine
says stdout "mine.toml"
says stdout "next: lair run mine.toml"
expect 0 check mine.toml
says stdout "scenario: 'mine'"
hash=$(grep -oE 'hash [0-9a-f]{32}' stdout)
expect 0 run mine.toml --set intervals=3
[ -f results/mine/overload-migration-seed1/summary.json ] || fail "no result of the new scenario"
# The defaults that it shows are the reader's: with them in place it is the same scenario.
sed -E 's/^#([a-z_]+ = )/\1/' mine.toml >shown.toml
[ "$(diff mine.toml shown.toml | grep -c '^>')" -ge 12 ] || fail "few defaults are shown"
sed -i '1i name = "mine"' shown.toml
expect 0 check shown.toml
[ "$(grep -oE 'hash [0-9a-f]{32}' stdout)" = "$hash" ] || fail "a default that is shown is none"
# The example in a comment is right too.
sed -E '/^# \[\[faults.script/,/^# host/s/^# //' mine.toml >script.toml
grep -q '^\[\[faults.script' script.toml || fail "no example of a script"
expect 0 check script.toml

expect 2 new scenario mine.toml
says stderr "NAME: 'mine.toml' is a file's name: 'mine'"
expect 2 new policy overload-migration
says stderr "'overload-migration' is the name of a policy of lair's"
expect 2 new scenario mine
says stderr "--out: 'mine.toml' is there already"
echo mine >mine.toml
expect 0 new scenario mine --force --json
says stdout '{"kind": "scenario", "name": "mine", "files": ["mine.toml"]}'
expect 0 check mine.toml
expect 0 new scenario other --out deep/er/x.toml
expect 0 check deep/er/x.toml
expect 2 new scenario other --out deep
says stderr "'deep' is a folder"
for name in "" ../x a/b .x "a b" -- 'a"b'; do
  expect 2 new scenario "$name"
done
expect 2 new thing mine
says stderr "lair new: what: "

# A sweep: planned, run, and with the examples in its comments.
expect 0 new sweep rates
says stdout "next: lair sweep rates.toml"
expect 0 check rates.toml
expect 0 sweep rates.toml --dry-run
says stdout "12 points"
expect 0 sweep rates.toml --set intervals=2 --out rates
[ -s rates/sweep.db ] || fail "the new sweep leaves no sweep.db"
sed -E 's/^# (workload.rate|"overload)/\1/' rates.toml >more.toml
expect 0 sweep more.toml --dry-run
says stdout "overload-migration:cooldown"

# A policy: built out of tree against what this program belongs to, checked, and run.
expect 0 new policy my-policy.2 --out "a folder/p"
for file in my-policy.2.cpp CMakeLists.txt README.md; do
  [ -s "a folder/p/$file" ] || fail "there is no $file"
done
expect 2 new policy my-policy.2 --out "a folder/p"
says stderr "is there already"
expect 2 new policy x --out mine.toml
says stderr "'mine.toml' is no folder"
if command -v cmake >/dev/null && [ -z "${LAIR_SANITIZED:-}" ]; then
  { cmake -S "a folder/p" -B build && cmake --build build; } >log 2>&1 || { fail "the policy does not build"; cat log; }
  grep -i warning log && fail "the policy has warnings"
  expect 0 check build/my-policy.2.so
  expect 0 run mine.toml --set intervals=20 --policy build/my-policy.2.so:moves=2:crowded=0.5 --out moved
  [ "$(wc -l <moved/migrations.csv)" -gt 1 ] || fail "the new policy never moves anything"
  expect 2 run mine.toml --policy build/my-policy.2.so:moves=many --out x
fi
finish
