# lair sweep and lair point: the same content whatever -j and however often it was killed; failures,
# time limits, what is in the way.
. "$(dirname "$0")/common.sh" "$1"
small_sweep 1..3 5 > "$work/small.toml"
cat >> "$work/small.toml" <<TOML
constraints = ["[faults.rate] < 2 OR policy = 'none'"]
[sweep.axes]
faults.rate = [0.5, 1, 2]
"overload-migration:cooldown" = [1, 3]
TOML
# query FILE SQL: through Python's own SQLite where it is there.
query() { /usr/bin/python3 -c 'import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]): print(*row)' "$@" 2>"$work/query"; }
have_python=0
[ -x /usr/bin/python3 ] && /usr/bin/python3 -c 'import sqlite3' 2>/dev/null && have_python=1

# A dry run lists the runs and leaves nothing.
expect 0 sweep "$work/small.toml" --dry-run --out "$work/dry"
says stdout "small: 21 points = 7 cells x 3 seeds (2 cells dropped by constraints)"
says stdout "      20  policy none, seed 3, faults.rate 2"
says stdout "expected: "
[ ! -e "$work/dry" ] || fail "a dry run left something"
empty stderr
# It warns of designs that are too small for what they are for.
for method in sobol morris; do
  small_sweep 1 2 >"$work/$method.toml"
  printf '[[sweep.sample]]\nmethod = "%s"\npoints = 4\n[sweep.sample.axes]\nfaults.rate = { from = 0.5, to = 2 }\n' $method \
    >>"$work/$method.toml"
done
expect 0 sweep "$work/sobol.toml" --dry-run --json
says stderr "a Sobol design of 4 groups is small: expect its first-order indices to be known to about +-0.9 only"
expect 0 sweep "$work/morris.toml" --dry-run
says stderr "a Morris design of 4 trajectories is small; take points = 10 or more"

# One at a time and four at a time.
expect 0 sweep "$work/small.toml" -j 1 --out "$work/one" --json
empty stderr
one=$(digest)
expect 0 sweep "$work/small.toml" -j 4 --out "$work/four" --json
[ -n "$one" ] && [ "$one" = "$(digest)" ] || fail "-j changes the content: $one, $(digest)"
same "$work/one/runs" "$work/four/runs"
says stdout '"points": 21, "done": 21, "failed": 0'

# A point of the sweep is that run.
expect 2 run "$work/small.toml"
says stderr "small.toml:7:2: sweep: this file is a sweep: many runs"
expect 0 check "$work/small.toml"
says stdout "21 points = 7 cells x 3 seeds"
expect 0 point "$work/small.toml" --index 4 --out "$work/points" --json
says stdout '"label": "policy overload-migration, seed 1, faults.rate 1, overload-migration:cooldown 1"'
run=$(sed -n 's/.*"run": "\([0-9a-f]*\)".*/\1/p' "$work/stdout")
same "$work/points/runs/$run" "$work/one/runs/$run"
grep -q '^rate = 1$' "$work/points/runs/$run/scenario.toml" || fail "the axis was not set"
expect 0 verify "$work/points/runs/$run"
expect 2 point "$work/small.toml" --index 21 --out "$work/points"
says stderr "--index: there is no point 21: 0 to 20"
expect 2 point "$work/small.toml" --index -1 --out "$work/points"
says stderr "is no number of a point"
# A sweep goes on where points were run by somebody else.
stamp=$(stat -c %Y.%i "$work/points/runs/$run/summary.json")
expect 0 sweep "$work/small.toml" --out "$work/points" --json
[ "$one" = "$(digest)" ] || fail "points change the content"
[ "$stamp" = "$(stat -c %Y.%i "$work/points/runs/$run/summary.json")" ] || fail "a point was run again"

if [ "$have_python" = 1 ]; then
  [ "$(query "$work/one/sweep.db" "select count(*), count(energy_kwh), count(distinct run) from results")" = "21 21 21" ] ||
    fail "the view does not hold all: $(cat "$work/query")"
  expect 0 run "$work/one/runs/$run/scenario.toml" --out "$work/again"
  value=$(sed -n 's/^ *"response_mean_s": \(.*\),$/\1/p' "$work/again/summary.json")
  [ "$(query "$work/one/sweep.db" "select response_mean_s = $value from results where point = 4")" = 1 ] ||
    fail "the store has another response time than the run"
  [ "$(query "$work/one/sweep.db" "select [overload-migration:cooldown] is null from results where point = 0")" = 1 ] ||
    fail "an option of another policy has a value"
fi

# Not twice by accident; resumed, nothing is run again; a folder that has gone is.
expect 2 sweep "$work/small.toml" --out "$work/one"
says stderr "--resume to go on with it, --force to start anew"
rm -r "$work/one/runs/$run"
stamp=$(stat -c %Y.%i "$work"/one/runs/*/summary.json)
expect 0 sweep "$work/small.toml" --out "$work/one" --resume --json
[ "$one" = "$(digest)" ] || fail "resuming changes the content"
[ -s "$work/one/runs/$run/summary.json" ] || fail "a lost run was not run again"
says stderr "lair: 1 run once more: runs/$run is gone"
rm -r "$work/one/runs/$run"
[ "$stamp" = "$(stat -c %Y.%i "$work"/one/runs/*/summary.json)" ] || fail "complete runs were run again"
# Nor is what was damaged since kept: a table cut short, one of the right length full of zeros, none, half a summary.
set -- $(ls "$work/one/runs")
truncate -s -1 "$work/one/runs/$1/intervals.csv"
size=$(stat -c %s "$work/one/runs/$2/intervals.csv")
head -c $((size - 300)) "$work/one/runs/$2/intervals.csv" >"$work/half"
truncate -s $size "$work/half" && cp "$work/half" "$work/one/runs/$2/intervals.csv"
rm "$work/one/runs/$3/faults.csv"
mkfifo "$work/one/runs/$3/faults.csv"
truncate -s 100 "$work/one/runs/$4/summary.json"
expect 0 sweep "$work/small.toml" --out "$work/one" --resume --json
[ "$one" = "$(digest)" ] || fail "damaged runs change the content"
says stderr "lair: 5 runs once more: "
says stderr "runs/$1 is damaged (intervals.csv)"
says stderr "runs/$2 is damaged (intervals.csv)"
says stderr "runs/$3 is damaged (faults.csv)"
says stderr "runs/$4 is damaged (summary.json)"
same "$work/one/runs" "$work/four/runs"
expect 0 sweep "$work/small.toml" --out "$work/one" --resume --json
empty stderr
sed 's/rate = \[0.5, 1, 2\]/rate = [1, 2, 4]/' "$work/small.toml" > "$work/other"
mv "$work/small.toml" "$work/kept" && mv "$work/other" "$work/small.toml"
expect 0 sweep "$work/small.toml" --out "$work/one" --resume --json
changed=$(digest)
expect 0 sweep "$work/small.toml" --out "$work/fresh" --json
[ "$changed" = "$(digest)" ] || fail "a changed sweep, resumed, is not what it would be from scratch"
# Runs that the file no longer has: said, and kept until somebody wants them gone.
mkdir "$work/one/runs/mine"
kept=$(ls "$work/one/runs" | wc -l)
expect 0 sweep "$work/small.toml" --out "$work/one" --resume
says stdout "9 folders of runs that the file no longer has in $work/one/runs: --resume --prune removes them"
[ "$kept" = "$(ls "$work/one/runs" | wc -l)" ] || fail "folders of runs went by themselves"
mkdir "$work/one/runs/0123456789abcdef"
echo mine >"$work/one/runs/0123456789abcdef/notes"
expect 0 sweep "$work/small.toml" --out "$work/one" --resume --prune --json
says stdout '"unused_folders": 9, "pruned": true'
[ "$changed" = "$(digest)" ] || fail "pruning changes the content"
[ -e "$work/one/runs/0123456789abcdef/notes" ] || fail "--prune removed what is no run"
rm -r "$work/one/runs/0123456789abcdef"
rmdir "$work/one/runs/mine" || fail "--prune removed a folder of somebody else's"
same "$work/one/runs" "$work/fresh/runs"
mv "$work/kept" "$work/small.toml"

# kill -9 at some moments, then --resume.
for delay in 0.05 0.15 0.3 0.5; do
  "$lair" sweep "$work/small.toml" -j 2 --out "$work/killed" --resume >/dev/null 2>&1 &
  sleep $delay
  kill -9 $! 2>/dev/null
  wait $! 2>/dev/null
done
rm -rf "$work/killed/runs/$(ls "$work/killed/runs" | head -1)/summary.json"
expect 0 sweep "$work/small.toml" --out "$work/killed" --resume --json
[ "$one" = "$(digest)" ] || fail "a killed sweep, resumed, has other content"
same "$work/killed/runs" "$work/four/runs"

# The process that forks the runs is killed, or does nothing any more (SIGSTOP): another takes over, and what was
# under way runs once more; what is over its time then is not waited for.
expect 0 sweep "$work/small.toml" --set intervals=100 --out "$work/quiet" --json
quiet=$(digest)
for signal in KILL STOP; do
  "$lair" sweep "$work/small.toml" -j 2 --set intervals=100 --out "$work/server-$signal" --json >"$work/stdout" 2>"$work/stderr" &
  sweep=$!
  server=$(fork_server $sweep)
  has_begun $sweep "$work/server-$signal"
  kill -$signal $server || fail "there was no fork server to send SIG$signal"
  wait $sweep || fail "without its fork server (SIG$signal) a sweep ended with $?"
  says stderr "the process that starts the runs was killed or does nothing"
  [ "$quiet" = "$(digest)" ] || fail "a sweep whose fork server got SIG$signal has other content"
done
"$lair" sweep "$work/small.toml" -j 2 --set intervals=200000 --set sweep.seeds=1 --time-limit "500 ms" --out "$work/stopped" \
  --json >"$work/stdout" 2>"$work/stderr" &
sweep=$!
server=$(fork_server $sweep)
has_begun $sweep "$work/stopped"
kill -STOP $server
wait $sweep
[ $? = 1 ] || fail "a sweep of endless runs without its fork server did not end with 1"
says stdout '"points": 7, "done": 0, "failed": 7'

# What is right only together is checked together; a key that is an axis is not set beside it.
sed 's/^policies.*/policies = ["none"]/; /cooldown/d; /constraints/d; /faults.rate/d; /sweep.axes/d' "$work/small.toml" >"$work/zip.toml"
printf '[[sweep.zip]]\nfaults.min_length = ["300 s", "2 h"]\nfaults.max_length = ["600 s", "3 h"]\n' >>"$work/zip.toml"
expect 0 sweep "$work/zip.toml" --set sweep.seeds=1 --out "$work/zip"
expect 2 sweep "$work/small.toml" --set faults.rate=7 --out "$work/w"
says stderr "is an axis: every point sets it"
# Two spellings of one platform: the points share their runs, also at the same moment.
sed -i '/sweep.zip/,$d' "$work/zip.toml"
printf '[sweep.axes]\nplatform = ["%s", "%s"]\n' "$PWD/platforms/pi-config2" "$PWD/platforms/pi-config2.toml" >>"$work/zip.toml"
expect 0 sweep "$work/zip.toml" --set sweep.seeds=1..6 -j 8 --out "$work/shared" --json
says stdout '"done": 12, "failed": 0'
[ "$(ls "$work/shared/runs" | wc -l)" = 6 ] || fail "equal points do not share their run"

# An interrupt leaves what is done; so do failures, which are named and tried again.
"$lair" sweep "$work/small.toml" -j 1 --set intervals=400 --out "$work/int" >"$work/stdout" 2>"$work/stderr" &
sleep 0.6
kill -INT $!
wait $!
code=$?
[ $code = 130 ] || fail "an interrupted sweep ended with $code"
says stderr "interrupted; go on with --resume"
mkdir -p "$work/full"
sed 's/policies.*/policies = ["none"]/; /cooldown/d' "$work/small.toml" > "$work/limited.toml"
expect 1 sweep "$work/limited.toml" --set intervals=200000 --set sweep.seeds=1 --time-limit "300 ms" --out "$work/slow" --json
says stdout '"points": 3, "done": 0, "failed": 3'
says stderr "was ended: the time limit"
says stdout '"failures": [{"point": 0, "policy": "none", "seed": 1, "run": '
says stdout '"status": "timeout", "message": "the time limit"}, {"point": 1, '
expect 1 sweep "$work/limited.toml" --set intervals=200000 --set sweep.seeds=1 --time-limit "300 ms" --out "$work/slow" --resume --json
says stdout '"failed": 3'
expect 0 sweep "$work/limited.toml" --set sweep.seeds=1 --out "$work/slow" --resume --json
says stdout '"points": 3, "done": 3, "failed": 0'

# A run that cannot write, as on a full disk: said, not lost, and gone on with.
(ulimit -f 8; exec "$lair" sweep "$work/limited.toml" --out "$work/disk" --json) >"$work/stdout" 2>"$work/stderr"
code=$?
[ $code = 1 ] || fail "a full disk ended with $code"
expect 0 sweep "$work/limited.toml" --out "$work/disk" --resume --json
says stdout '"done": 9, "failed": 0'

# A disk that is full: no further run is begun, and with room it goes on.
mkdir "$work/small-disk"
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=200k tmpfs "$work/small-disk" 2>/dev/null; then
  trap 'umount "$work/small-disk" 2>/dev/null; rm -rf "$work"' EXIT
  expect 1 sweep "$work/limited.toml" --set sweep.seeds=1..20 --set record.level=tasks -j 1 --out "$work/small-disk/sweep"
  says stderr "the disk of '$work/small-disk/sweep' is full"
  [ "$(grep -c "failed:" "$work/stderr")" -le 3 ] || fail "runs are begun on a full disk: $(cat "$work/stderr")"
  mount -o remount,size=50M "$work/small-disk"
  expect 0 sweep "$work/limited.toml" --set sweep.seeds=1..20 --set record.level=tasks --out "$work/small-disk/sweep" --resume
  umount "$work/small-disk"
else
  echo "no small disk could be made: sweeps on a full one are not tried"
fi

expect 2 sweep "$work/small.toml" --resume --force --out "$work/disk"
says stderr "--force: starts anew, and --resume goes on"

# What is wrong with a sweep, all at once and with its place.
cat > "$work/wrong.toml" <<TOML
platform = "$PWD/platforms/pi-config2.toml"
workload = "$PWD/workloads/aiotbench.toml"
[sweep]
policies = ["none", "overload-migration:cooldwn=1"]
[sweep.axes]
faults.rate = [1, -2]
TOML
expect 2 sweep "$work/wrong.toml" --out "$work/w"
says stderr "wrong.toml:4:21: sweep.policies: policy.options.cooldwn: "
sed -i 's/"overload-migration:cooldwn=1"/"nobody"/' "$work/wrong.toml"
expect 2 sweep "$work/wrong.toml" --out "$work/w"
says stderr "wrong.toml:4:21: sweep.policies: unknown policy 'nobody'"
sed -i 's/"nobody"/"overload-migration:cooldwn=1"/' "$work/wrong.toml"
sed -i 's/cooldwn/cooldown/' "$work/wrong.toml"
expect 2 sweep "$work/wrong.toml" --out "$work/w"
says stderr "wrong.toml:6:8: faults.rate: -2 is out of range (-2): 0 to 1000000"
expect 2 check "$work/wrong.toml"
sed -i 's/rate = .*/rat = [1, 2]/' "$work/wrong.toml"
expect 2 sweep "$work/wrong.toml" --out "$work/w"
says stderr "wrong.toml:6:8: faults.rat: unknown key (1): did you mean 'faults.rate'?"
[ "$(wc -l <"$work/stderr")" = 1 ] || fail "one mistake is said more than once"
[ ! -e "$work/w" ] || fail "a wrong sweep left something"
expect 2 sweep $scenario
says stderr "there is no [sweep] table"
expect 2 sweep "$work/small.toml" --time-limit soon
says stderr "--time-limit"
touch "$work/full/mine"
expect 2 sweep "$work/small.toml" --out "$work/full"
says stderr "is not empty and no sweep: 'mine' is in it"
expect 2 sweep "$work/small.toml" --out "$work/full" --force
[ -e "$work/full/mine" ] || fail "--force removed a file of somebody else's"
expect 2 sweep "$work/limited.toml" --out "$work/four" --resume
says stderr "holds the sweep 'small'"
finish
