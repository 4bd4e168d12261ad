# The same bytes in every build: the result files of these runs have the hashes of bytes.txt, in the
# release build and under the sanitizers (which also switch actors by threads). LAIR_UPDATE_BYTES=1
# writes bytes.txt, after a change that was meant to change results.
. "$(dirname "$0")/common.sh" "$1"
known=$(dirname "$0")/bytes.txt

# hashed NAME ARGUMENTS...: one run, one line.
hashed() {
  local name=$1
  shift
  expect 0 run "$@" --out "$work/$name"
  # Without the scenario and its hash, so that a new key with an old meaning changes nothing here.
  printf '%s %s\n' "$(cd "$work/$name" && LC_ALL=C ls | grep -vx 'cost.json\|scenario.toml' | xargs cat |
                      grep -v '^    "hash": ' | sha256sum | cut -c 1-32)" "$name"
}
runs() {
  hashed quickstart scenarios/quickstart.toml --set intervals=10
  for config in 1 2 3; do
    hashed "all-faults-config$config" scenarios/stress/all-faults.toml --policy overload-migration \
      --seed 7 --set platform=pi-config$config --set intervals=20 --set faults.rate=4
  done
}
{
  echo "# sha256 of a run's result files, for bytes.sh; written by it"
  runs
} >"$work/bytes.txt"
if [ -n "${LAIR_UPDATE_BYTES:-}" ]; then
  cp "$work/bytes.txt" "$known"
fi
diff "$known" "$work/bytes.txt" >&2 ||
  fail "result files changed. If that was meant: LAIR_UPDATE_BYTES=1 ctest -R cli_bytes"
# What is compared must have met every kind of fault.
for config in 1 2 3; do
  for kind in cpu_overload ram_contention disk_attack ddos crash link_loss partition silent_corruption; do
    grep -q ",$kind,.*,applied," "$work/all-faults-config$config/faults.csv" ||
      fail "configuration $config: no $kind"
  done
done
# Another processor may have no fused multiply-add, of which the C library chooses other versions of
# its functions: the numbers drawn must not differ.
GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2,-AVX,-AVX512F \
  expect 0 run scenarios/quickstart.toml --set intervals=10 --out "$work/plain"
same "$work/quickstart" "$work/plain"
finish
