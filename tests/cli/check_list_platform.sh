# lair check, list and platform.
. "$(dirname "$0")/common.sh" "$1"

expect 0 check $scenario
says stdout "scenario: 'quickstart'"
for file in platforms/*.toml; do
  expect 0 check "$file"
  says stdout "platform: "
done
for file in workloads/*.toml; do
  expect 0 check "$file" --json
  says stdout '"kind": "workload", "ok": true'
done
while read -r file; do
  expect 0 check "$file"
  if grep -q '^\[sweep\]' "$file"; then says stdout "sweep: "; else says stdout "scenario: "; fi
done < <(find scenarios -name '*.toml')
printf 'colour = "red"\n' >"$work/odd.toml"
expect 2 check "$work/odd.toml"
{ echo 'colour = "red"'; cat platforms/iobt.toml; } >"$work/odd.toml"
expect 2 check "$work/odd.toml"
says stderr "$work/odd.toml:1:1: colour: unknown key"
expect 2 check "$work/none.toml"
expect 2 check $scenario --set faults.rate=lots

expect 0 list policies
says stdout "overload-migration"
expect 0 list schedulers
says stdout "least-loaded"
expect 0 list detectors
says stdout "threshold"
expect 0 list remediators
expect 0 list applications
says stdout "resnet18"
says stdout "yolo"
deadline=$(sed -n 's/^resnet18 *= *"\([0-9.]*\) s".*/\1/p' workloads/deadlines/aiotbench.toml)
[ -n "$deadline" ] || fail "workloads/deadlines/aiotbench.toml has no deadline of resnet18"
grep -qE "^aiotbench +resnet18 .* ${deadline%%.*}" "$work/stdout" || fail "no calibrated deadline"
expect 0 list applications --json
grep -qE '"name": "resnet18", "images": 1600, "gflops_per_image": 3.64, "resident_mb": [0-9.]+, "deadline_s": '"$deadline\}" \
  "$work/stdout" || fail "numbers are no numbers: $(grep resnet18 "$work/stdout")"
mkdir "$work/workloads"
sed '/^deadline/d' workloads/aiotbench.toml >"$work/workloads/mine.toml"
(cd "$work" && "$lair" list applications --json) | grep -q '"mine", "name": "resnet18".*"deadline_s": null' ||
  fail "no deadline is not null"
expect 0 list faults --json
for kind in cpu_overload ram_contention disk_attack ddos crash link_loss partition silent_corruption; do
  says stdout "\"name\": \"$kind\""
done
expect 2 list nonsense

expect 0 platform --leis 3 --hosts-per-lei 5 --out "$work/p.toml"
says stdout "15 hosts in 3 LEIs"
expect 0 check "$work/p.toml"
says stdout "15 hosts in 3 LEIs"
expect 0 platform --leis 3 --hosts-per-lei 5
cmp -s "$work/stdout" "$work/p.toml" || fail "the platform on standard output is another"
expect 0 platform --leis 3 --hosts-per-lei 5 --seed 2 --out "$work/q.toml" --json
says stdout '"hosts": 15'
expect 0 platform --leis 3 --hosts-per-lei 5 --json
says stdout '{"leis": 3, "hosts": 15, "toml": "# '
cmp -s "$work/p.toml" "$work/q.toml" && fail "--seed has no effect"
expect 0 run $scenario --set "platform=\"$work/p.toml\"" --set intervals=3 --out "$work/run"
[ "$(wc -l <"$work/run/hosts.csv")" -eq 46 ] || fail "the generated platform was not used"
expect 2 platform --leis 0 --hosts-per-lei 5
expect 2 platform --leis 3
expect 1 platform --leis 1 --hosts-per-lei 1 --out "$work/no/such/folder/p.toml"
finish
