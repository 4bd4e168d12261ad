# Exit codes and the text of errors.
. "$(dirname "$0")/common.sh" "$1"

expect 0 --version
says stdout "lair 0."
expect 0 --help
says stdout "compare"
expect 2
expect 2 frobnicate
expect 2 run
says stderr "scenario"
expect 2 run "$work/none.toml" --out "$work/x"
says stderr "$work/none.toml: there is no such file"
# Everything that is wrong at once, with place and remedy, and nothing on standard output.
printf 'interval = 300\n[faults]\nrat = 1\n' >"$work/bad.toml"
expect 2 run "$work/bad.toml" --out "$work/x"
says stderr "$work/bad.toml:1:"
says stderr "$work/bad.toml:3:"
says stderr "did you mean 'faults.rate'?"
empty stdout
expect 2 run $scenario --set faults.rat=2 --out "$work/x"
says stderr "--set: faults.rat: unknown key: did you mean 'faults.rate'?"
expect 2 run $scenario --policy overload-migratoin --out "$work/x"
says stderr "did you mean 'overload-migration'?"
expect 2 run $scenario --seed minus --out "$work/x"
[ ! -e "$work/x" ] || fail "bad input left a folder"
expect 2 compare $scenario --policies none,none --out "$work/x"
says stderr "stands there twice"
expect 2 compare $scenario --policies none,nonne --out "$work/x"
says stderr "did you mean 'none'?"
for seeds in 5..1 1,1 x 1.. '' 1,,2; do
  expect 2 compare $scenario --policies none --seeds "$seeds" --out "$work/x"
  says stderr "--seeds"
done
[ ! -e "$work/x" ] || fail "bad input left a folder"

# A library that is none is a plugin failure.
echo "not a library" >"$work/fake.so"
expect 3 run $scenario --policy "$work/fake.so" --out "$work/x"
says stderr "fake"
expect 3 check "$work/fake.so"
expect 3 compare $scenario --policies "none,$work/fake.so" --out "$work/x"

# What cannot be written fails the run with its reason: an impossible folder, and a full disk, played
# by the limit on the size of a file.
touch "$work/file"
expect 1 run $scenario --set intervals=2 --out "$work/file/results"
says stderr "cannot create the folder '$work/file/results'"
(ulimit -f 40; "$lair" run $scenario --set intervals=60 --out "$work/full" >"$work/stdout" 2>"$work/stderr")
[ $? -eq 1 ] || fail "a full disk does not fail the run"
says stderr "cannot write '$work/full/"
[ ! -e "$work/full/summary.json" ] || fail "a full disk left a summary"
whole "$work/full/intervals.csv"
finish
