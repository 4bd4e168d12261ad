# Helpers of the tests of the command line. Each script is called with the program's path, in the root
# of the source tree.
set -u
# A leak that is known and forgiven is no message of the program's.
export LSAN_OPTIONS="print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
lair=$1
scenario=scenarios/quickstart.toml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
  echo "FAILED: $*" >&2
  failures=$((failures + 1))
}

# expect CODE ARGUMENTS...: runs lair; its output is in $work/stdout and $work/stderr.
expect() {
  local code=$1
  shift
  "$lair" "$@" >"$work/stdout" 2>"$work/stderr"
  local got=$?
  if [ "$got" -ne "$code" ]; then
    fail "lair $* ended with $got, not $code"
    sed 's/^/    /' "$work/stdout" "$work/stderr" | head -20 >&2
  fi
}

# says FILE TEXT: the file holds the text.
says() {
  if ! grep -qF -- "$2" "$work/$1"; then
    fail "$1 does not say '$2':"
    sed 's/^/    /' "$work/$1" | head -20 >&2
  fi
}

empty() { [ ! -s "$work/$1" ] || { fail "$1 is not empty:"; head -5 "$work/$1" >&2; }; }

# small_sweep SEEDS INTERVALS: the beginning of a sweep file of two policies; `digest` reads what --json printed.
small_sweep() {
  cat <<TOML
seed = 1
intervals = $2
platform = "$PWD/platforms/pi-config2.toml"
workload = "$PWD/workloads/aiotbench.toml"
[record]
level = "summary"
[sweep]
seeds = "$1"
policies = ["none", "overload-migration"]
TOML
}
digest() { sed -n 's/.*"digest": "\([0-9a-f]*\)".*/\1/p' "$work/stdout"; }

# fork_server PID [--learned]: the process that forks the runs of this sweep, or those of its learned policies, once it
# is there; nothing if the sweep ends before.
fork_server() {
  local process
  while kill -0 $1 2>/dev/null; do
    for process in $(cat /proc/$1/task/$1/children 2>/dev/null); do
      tr '\0' ' ' 2>/dev/null </proc/$process/cmdline | grep -q -- "fork-server ${2:-}" && echo $process && return
    done
    sleep 0.02
  done
}

# has_begun PID DIR: waits for the first run's folder.
has_begun() { until [ -n "$(ls "$2/runs" 2>/dev/null)" ] || ! kill -0 $1; do sleep 0.02; done; }

# same A B: the folders hold the same bytes, cost.json apart.
same() { diff -r -x cost.json "$1" "$2" >"$work/diff" || { fail "$1 and $2 differ"; head "$work/diff" >&2; }; }

# whole FILE: a CSV file with the same number of cells in every row (names here hold no comma).
whole() {
  awk -F, 'NR == 1 { n = NF } NF != n { exit 1 } END { exit NR < 2 }' "$1" || fail "$1 is not whole"
  [ "$(tail -c 1 "$1" | od -An -c | tr -d ' ')" = '\n' ] || fail "$1 ends in mid-line"
}

finish() {
  [ "$failures" -eq 0 ] && echo ok
  exit "$((failures > 0))"
}
