# lair export: traces for viewers, tables for data frames.
check=$2 # the unit tests' program, which also judges what is exported here
. "$(dirname "$0")/common.sh" "$1"

expect 0 run $scenario --set intervals=40 --set policy.options.cooldown=1 --out "$work/run"
expect 0 run scenarios/stress/all-faults.toml --set intervals=40 --out "$work/all"
for run in run all; do
  expect 0 export "$work/$run" --perfetto "$work/$run.json" --paje "$work/$run.trace"
  says stdout "$work/$run.json"
  LAIR_RUN=$work/$run LAIR_PERFETTO=$work/$run.json LAIR_PAJE=$work/$run.trace \
    "$check" -tc="an exported run*" >"$work/log" 2>&1 || { fail "the traces of $run"; tail -20 "$work/log" >&2; }
  grep -qE 'assertions: +[0-9]{4,}' "$work/log" || fail "the check of $run has checked little"
  if command -v pj_dump >/dev/null; then
    pj_dump "$work/$run.trace" >"$work/dump" 2>"$work/stderr" || fail "pj_dump does not read the trace of $run"
    [ "$(grep -c '^State' "$work/dump")" -gt 200 ] || fail "pj_dump sees few states"
  fi
done
[ "$(awk -F, '$8 == "finished"' "$work/run/migrations.csv" | wc -l)" -gt 3 ] || fail "the run holds few migrations"
# A run that was cut short, in mid-line, is exported up to there.
cp -r "$work/run" "$work/cut"
head -c 60000 "$work/run/events.jsonl" >"$work/cut/events.jsonl"
expect 0 export "$work/cut" --perfetto "$work/cut.json"

expect 2 export "$work/run" --perfetto "$work/run.json"
says stderr "is there already"
expect 0 export "$work/run" --perfetto "$work/run.json" --force --json
says stdout "{\"files\": [\"$work/run.json\"]}"
# A pipe or device is written into, with or without --force; a link stays one. Nothing of the run is lost.
for force in "" --force; do
  mkfifo "$work/pipe"
  timeout 20 cat "$work/pipe" >"$work/piped" &
  reader=$!
  expect 0 export "$work/run" --perfetto "$work/pipe" $force
  wait $reader
  cmp -s "$work/piped" "$work/run.json" || fail "a pipe gets another trace"
  [ -p "$work/pipe" ] || fail "export replaces a pipe"
  rm "$work/pipe"
done
expect 0 export "$work/run" --perfetto /dev/null
[ -c /dev/null ] || fail "export replaces /dev/null"
expect 1 export "$work/run" --paje /dev/full
says stderr "cannot write '/dev/full': No space left on device"
[ -c /dev/full ] || fail "export replaces /dev/full"
mkdir "$work/real"
echo old >"$work/real/trace.json"
ln -s real/trace.json "$work/link.json"
expect 0 export "$work/run" --perfetto "$work/link.json" --force
[ -L "$work/link.json" ] || fail "export replaces a link"
cmp -s "$work/real/trace.json" "$work/run.json" || fail "what a link names is not replaced"
ln -s real/later.json "$work/dangling.json"
expect 0 export "$work/run" --perfetto "$work/dangling.json"
[ -L "$work/dangling.json" ] || fail "export replaces a link to nothing"
cmp -s "$work/real/later.json" "$work/run.json" || fail "what a link will name is not written"
for file in tasks.csv summary.json events.jsonl; do
  expect 2 export "$work/run" --perfetto "$work/run/$file" --force
  says stderr "--perfetto: '$work/run/$file' is part of the run"
done
expect 2 export "$work/run" --perfetto "$work/one" --paje "$work/./one" --force
says stderr "is the file of --perfetto"
expect 2 export "$work/run"
says stderr "nothing to write"
expect 2 export "$work/none" --paje "$work/x"
expect 2 export "$work" --paje "$work/x"
says stderr "summary.json"
expect 0 run $scenario --set intervals=2 --set record.level=tasks --out "$work/tasks"
expect 2 export "$work/tasks" --paje "$work/x"
says stderr "record.level=events"
[ ! -e "$work/x" ] || fail "a failed export left a file"

# A trace is of one run: a sweep or comparison names one of its own. Standard output.
mkdir -p "$work/many/runs"
: >"$work/many/sweep.db"
expect 2 export "$work/many" --perfetto "$work/x"
says stderr "is a sweep: a trace shows one run: a run with record.level=events"
cp -r "$work/run" "$work/many/runs/b"
cp -r "$work/run" "$work/many/runs/a"
expect 2 export "$work/many" --paje "$work/x"
says stderr "the folder of a run in it, such as $work/many/runs/a"
mkdir "$work/compared"
: >"$work/compared/compare.json"
expect 2 export "$work/compared" --perfetto "$work/x"
says stderr "is a comparison: a trace shows one run"
expect 0 export "$work/run" --perfetto -
cmp -s "$work/stdout" "$work/run.json" || fail "--perfetto - is another trace"
expect 0 export "$work/run" --paje - --perfetto "$work/second.json"
cmp -s "$work/stdout" "$work/run.trace" || fail "--paje - is another trace"
expect 2 export "$work/run" --perfetto - --paje -
expect 2 export "$work/run" --perfetto - --json
says stderr "two things would go to standard output"

# Parquet: by duckdb, which here is a stand-in that writes what it was asked to.
PATH=/nowhere "$lair" export "$work/run" --parquet >"$work/stdout" 2>"$work/stderr"
[ $? -eq 2 ] || fail "without duckdb there is no error"
says stderr "https://duckdb.org/install"
says stderr "COPY (SELECT * FROM read_csv_auto('$work/run/tasks.csv', header = true, sample_size = -1)) TO '$work/run/parquet/tasks.parquet' (FORMAT PARQUET);"
[ ! -e "$work/run/parquet" ] || fail "without duckdb there is a folder"
mkdir "$work/bin"
cat >"$work/bin/duckdb" <<'END'
#!/bin/bash
[ "$1 $2 $3" = "-bail -batch -c" ] || exit 9
echo noise
[[ $4 != *"broken"* ]] || exit 1
sed -n "s/.* TO '\(.*\)' (FORMAT PARQUET);/\1/p" <<<"$4" | while read -r file; do echo PAR1 >"$file"; done
END
chmod +x "$work/bin/duckdb"
real=$PATH
PATH=$work/bin:$PATH expect 0 export "$work/run" --parquet
says stdout "$work/run/parquet/tasks.parquet"
grep -q noise "$work/stdout" && fail "duckdb's own words are on standard output"
[ -s "$work/run/parquet/hosts.parquet" ] || fail "there is no hosts.parquet"
PATH=$work/bin:$PATH expect 2 export "$work/run" --parquet
PATH=$work/bin:$PATH expect 0 export "$work/run" --parquet --out "$work/else/where" --force
[ -s "$work/else/where/tasks.parquet" ] || fail "--out is not heeded"
mkdir "$work/broken"
echo 'a' >"$work/broken/t.csv"
PATH=$work/bin:$PATH expect 1 export "$work/broken" --parquet
says stderr "duckdb ended with 1"
{
  small_sweep 1..2 2
  echo '[sweep.axes]'
  echo 'faults.rate = [0.5, 1]'
} >"$work/sweep.toml"
expect 0 sweep "$work/sweep.toml" --out "$work/sweep"
PATH=$work/bin:$PATH expect 0 export "$work/sweep" --parquet
[ -s "$work/sweep/parquet/results.parquet" ] || fail "no results of a sweep"
PATH=/nowhere "$lair" export "$work/sweep" --parquet --force 2>"$work/stderr" && fail "no error without duckdb"
says stderr "https://duckdb.org/install"
PATH=$work/bin:$PATH expect 2 export "$work/bin" --parquet
says stderr "there is no table"
if PATH=$real command -v duckdb >/dev/null; then
  expect 0 export "$work/run" --parquet --out "$work/real"
  [ "$(duckdb -csv -noheader -c "SELECT count(*) FROM '$work/real/tasks.parquet'")" -eq "$(($(wc -l <"$work/run/tasks.csv") - 1))" ] ||
    fail "rows are lost"
  expect 0 export "$work/sweep" --parquet --out "$work/real-sweep"
  got=$(duckdb -csv -noheader -c "SELECT run, energy_kwh FROM '$work/real-sweep/results.parquet' ORDER BY point" | tail -n 1)
  want=$(sed -n 's/.*"energy_kwh": \([0-9.e-]*\),.*/\1/p' "$work/sweep/runs/${got%%,*}/summary.json")
  [ "${got#*,}" = "$want" ] || fail "duckdb reads an energy of ${got#*,}, not $want"
fi
finish
