# Exit codes and the text of errors.
. "$(dirname "$0")/common.sh" "$1"

expect 0 --version
says stdout "lair 0."
expect 0 --help
says stdout "compare"
expect 2
says stderr "lair: which verb?"
expect 2 frobnicate
says stderr "lair: there is no verb 'frobnicate': known: run, compare, check, list, platform, verify, doctor, export, import, new, schema, sweep, point, trace, train, report, twin, completion, man"
expect 2 comapre $scenario
says stderr "did you mean 'compare'?"
expect 2 --json
says stderr "lair: which verb?: first of all one of run, compare,"
expect 2 check platforms/iobt.toml --set name=x
says stderr "--set: platforms/iobt.toml is no scenario"
expect 2 check $scenario --option a=b
says stderr "--option: $scenario is no policy library"
expect 2 twin $scenario --intervals 0
says stderr "lair twin: --intervals: "
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
expect 2 run $scenario --policy overload-migration:cooldown=x --out "$work/x"
says stderr "--policy: policy.options: 'overload-migration': option 'cooldown' is 'x', not a number"
expect 2 run $scenario --set policy.name=nonne --out "$work/x"
says stderr "--set: policy.name: unknown policy 'nonne'"
printf 'platform = "pi-config2"\nworkload = "aiotbench"\npolicy.name = "nonne"\n' >"$work/nonne.toml"
expect 2 run "$work/nonne.toml" --out "$work/x"
says stderr "$work/nonne.toml: policy.name: unknown policy 'nonne'"
# A default that another key makes wrong is not the file's fault.
expect 2 run $scenario --set 'interval="7 s"' --out "$work/x"
says stderr "--set: sampling: 10 s is longer than the interval of 7 s"
expect 2 run $scenario --set workload.applications={} --out "$work/x"
says stderr "--set: workload.applications: missing"
for seed in minus -1 9223372036854775808 18446744073709551616 1.5 1..2; do
  expect 2 run $scenario --seed=$seed --out "$work/x"
  says stderr "--seed: '$seed' is no seed: a whole number from 0 to 9000000000000000000"
  expect 2 platform --leis 2 --hosts-per-lei 2 --seed=$seed
  says stderr "--seed: '$seed' is no seed"
  [ $seed = 1..2 ] && continue
  expect 2 compare $scenario --policies none --seeds=$seed --out "$work/x"
  says stderr "--seeds: '$seed' is no seed"
done
expect 2 compare $scenario --policies none --seeds 5..1 --out "$work/x"
says stderr "--seeds: '5..1' is empty: from the smaller to the larger seed: 1..5"
expect 2 compare $scenario --policies none --seeds 0..9000000000000000000 --out "$work/x"
says stderr "at most 1000000 seeds in all"
expect 2 compare $scenario --policies none --seeds 1..4,3 --out "$work/x"
says stderr "names seed 3 twice"
for option in --seed --policy --out; do
  expect 2 run $scenario $option "" --set intervals=1
  says stderr "lair run: $option: is empty"
done
for option in --seeds --out; do
  expect 2 compare $scenario --policies none $option "" --set intervals=1
  says stderr "lair compare: $option: is empty"
done
mkdir "$work/folder.so"
expect 2 run $scenario --policy "$work/folder.so" --out "$work/x"
says stderr "$work/folder.so: not a regular file"
expect 2 compare $scenario --policies none -j -1 --out "$work/x"
says stderr "lair compare: --jobs: "
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

# Unknown policies and options are said with whatever else is wrong.
expect 2 run $scenario --set intervals=0 --set faults.rat=2 --set 'policy.name="nonne"' --out "$work/x"
says stderr "--set: intervals:"
says stderr "--set: faults.rat: unknown key"
says stderr "--set: policy.name: unknown policy 'nonne'"
expect 2 run $scenario --set intervals=0 --policy overload-migration:moves=-1 --out "$work/x"
says stderr "--set: intervals:"
says stderr "option 'moves' is '-1'"
for list in none, ,none none,,overload-migration ,; do
  expect 2 compare $scenario --policies "$list" --out "$work/x"
  says stderr "--policies: '$list' names a policy with no name"
done
expect 2 run $scenario --set liveness.nearest_peers=3 --out "$work/x"
says stderr "--set: liveness.nearest_peers: 3 peers cannot lie half on either side: an even number, such as 4"
expect 2 platform --leis 0 --hosts-per-lei 5
says stderr "--leis: 0 LEIs: at least 1"

# Deep keys, pipes and odd characters.
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "a."; print "b = 1" }' >"$work/deep.toml"
expect 2 check "$work/deep.toml"
says stderr "deep.toml:1:1: a key of more than 256 parts"
{ echo 'intervals = 2'; echo '# a.b.'; echo 'note = """'; sed 's/^/"/' "$work/deep.toml"; echo '"""'
  sed 's/^/[/; s/ = 1/]/' "$work/deep.toml"; } >"$work/deep2.toml"
expect 2 run "$work/deep2.toml" --out "$work/x"
says stderr "deep2.toml:6:1: a key of more than 256 parts"
{ cat $scenario; awk 'BEGIN { printf "dots = \""; for (i = 0; i < 999; i++) printf ".\\\"."; print "\" # " }'; } >"$work/dots.toml"
expect 2 check "$work/dots.toml"
says stderr "dots: unknown key"
mkfifo "$work/pipe.toml" "$work/pipe.so"
for file in pipe.toml pipe.so; do
  expect 2 check "$work/$file"
  says stderr "pipe"
done
expect 2 run "$work/pipe.toml" --out "$work/x"
says stderr "this is a named pipe"
expect 2 run $scenario --policy "$work/pipe.so" --out "$work/x"
says stderr "not a regular file"
expect 0 run <(cat $scenario) --set intervals=1 --out "$work/piped"
printf 'name = "a\\u0000b"\nplatform = "pi-config2"\nworkload = "aiotbench"\n' >"$work/nul.toml"
expect 2 check "$work/nul.toml"
says stderr "a\\u0000b"
# Files that are there are not replaced without a word.
echo precious >"$work/mine"
for verb in "platform --leis 2 --hosts-per-lei 2" "twin $scenario --intervals 1"; do
  expect 2 $verb --out "$work/mine"
  says stderr "--out: '$work/mine' is there already: another name, or --force to replace it"
  [ "$(cat "$work/mine")" = precious ] || fail "$verb has replaced a file"
done
expect 0 platform --leis 2 --hosts-per-lei 2 --out "$work/mine" --force
says mine "leis"

# With --json an error is an object on standard output, and the text still on standard error.
expect 2 run $scenario --json --set faults.rat=2 --seed 1 --out "$work/x"
says stderr "--set: faults.rat: unknown key"
says stdout '{"error": {"kind": "bad_input", "exit_code": 2, "diagnostics": ['
says stdout '"file": "--set", "line": null, "column": null, "key": "faults.rat", "problem": "unknown key", "remedy": "did you mean '
expect 2 check "$work/bad.toml" --json
says stdout "\"file\": \"$work/bad.toml\", \"line\": 3,"
expect 2 compare --json
says stdout '"kind": "bad_input"'
expect 1 run $scenario --json --set intervals=2 --out /proc/none/x
says stdout '"kind": "failed_run", "exit_code": 1'
if command -v python3 >/dev/null; then
  "$lair" run "$work/bad.toml" --json 2>/dev/null | python3 -m json.tool >/dev/null || fail "no JSON"
fi

# Standard output that cannot be written is an error, and what is meant for it goes into no file.
for verb in "list policies" "list faults --json" "check $scenario" "platform --leis 2 --hosts-per-lei 2" \
            "run $scenario --set intervals=2 --force --out $work/unheard" --version; do
  "$lair" $verb >/dev/full 2>"$work/stderr"
  [ $? -eq 1 ] || fail "a full standard output is no error: $verb"
  says stderr "cannot write to standard output: No space left on device"
  "$lair" $verb >&- 2>"$work/stderr"
  [ $? -eq 1 ] || fail "a closed standard output is no error: $verb"
  says stderr "cannot write to standard output: Bad file descriptor"
done
whole "$work/unheard/intervals.csv"
"$lair" run $scenario --set intervals=2 --force --out "$work/unheard" >/dev/null 2>&- || fail "a closed standard error"
grep -rq "lair: " "$work/unheard" && fail "a message stands in a result"

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
