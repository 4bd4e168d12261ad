# lair doctor: says what is there, what is not, and how to get it.
. "$(dirname "$0")/common.sh" "$1"
lair=$(realpath "$lair")
neural=$(dirname "$lair")/liblair-neural.so
line() { grep -E "^$1 +$2" "$work/stdout" >/dev/null || { fail "no line '$1 $2'"; cat "$work/stdout" >&2; }; }

expect 0 doctor
line ok "shipped files"
line ok "a short run  +two intervals on 16 hosts"
line ok "simgrid +libsimgrid"
[ ! -e "$neural" ] || line ok "learned policies +[0-9]+ detectors"
says stdout "all that Lair requires works"
expect 0 doctor --json
says stdout '{"ok": true, "version": "lair '
if command -v python3 >/dev/null; then
  python3 - "$work/stdout" <<'END' || fail "odd JSON"
import json, sys
checks = {c["name"]: c for c in json.load(open(sys.argv[1]))["checks"]}
assert len(checks) > 20
assert all((c["state"] == "ok") == (c["remedy"] == "") for c in checks.values())
assert [n for n in checks if checks[n]["required"]] == ["shipped files", "a short run", "simgrid"]
END
fi

# Tools that are not there are named with their packages; runs do not need them.
PATH=/nowhere "$lair" doctor >"$work/stdout" 2>"$work/stderr" || fail "missing tools count as required"
line missing "gnuplot"
says stdout "apt install gnuplot-nox"
says stdout "apt install chromium"
says stdout "duckdb.org"
printf '#!/bin/sh\n' >"$work/duckdb"
chmod +x "$work/duckdb"
PATH=$work "$lair" doctor >"$work/stdout"
line ok "duckdb +$work/duckdb"

# Limits of the shell.
(ulimit -n 64; "$lair" doctor) >"$work/stdout" || fail "few files fail a run"
line warning "ulimit -n"
says stdout "ulimit -n 1024"

# Without its files the program says so, and fails.
mkdir -p "$work/alone"
cp "$lair" "$work/alone/"
"$work/alone/lair" doctor >"$work/stdout" 2>"$work/stderr"
[ $? -eq 1 ] || fail "a program without its files is well"
line missing "shipped files"
line missing "a short run"
line missing "learned policies"
line missing "models"
says stdout "apt install libtorch-dev"
says stdout "something that Lair requires does not work"
# With a damaged model, and with a scenario that cannot run.
cp -r platforms workloads scenarios models "$work/alone/"
"$work/alone/lair" doctor >"$work/stdout" || fail "a copy with its files is not well"
line ok "models"
weights=$(ls "$work"/alone/models/*k10.*safetensors | head -1)
printf 'x' | dd of="$weights" bs=1 seek=1000 conv=notrunc 2>/dev/null
"$work/alone/lair" doctor >"$work/stdout"
line missing "models +damaged.*$(basename "$weights" | cut -d. -f1)"
echo 'intervals = "many"' >"$work/alone/scenarios/quickstart.toml"
"$work/alone/lair" doctor >"$work/stdout" && fail "a run that fails is well"
line missing "a short run +ended with 2"

if [ -e "$neural" ] && grep -qw avx2 /proc/cpuinfo; then
  expect 0 doctor
  line ok kernels
  OPENBLAS_CORETYPE=Zen expect 0 doctor
  line warning "kernels +not pinned to AVX2: OPENBLAS_CORETYPE=Zen"
fi
finish
