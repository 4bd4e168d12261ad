# lair import bitbrains: a trace becomes a workload that runs.
. "$(dirname "$0")/common.sh" "$1"

# Six machines, two days of five minutes, busy in turns; a sawtooth of 0 to 100 % of two cores of 2000 MHz.
mkdir -p "$work/rnd/2013-7" "$work/rnd/2013-8"
for vm in 1 2 3 10 11 12; do
  for month in 7 8; do
    awk -v vm=$vm -v month=$month 'BEGIN {
      print "Timestamp [ms];\tCPU cores;\tCPU capacity provisioned [MHZ];\tCPU usage [MHZ];\tCPU usage [%];\tMemory capacity provisioned [KB];\tMemory usage [KB];\tDisk read throughput [KB/s];\tDisk write throughput [KB/s];\tNetwork received throughput [KB/s];\tNetwork transmitted throughput [KB/s]"
      for (i = 0; i < 288; i++) {
        share = ((i + 7 * vm) % 50) / 50
        printf "%d;\t2;\t4000;\t%g;\t%g;\t8000000;\t%d;\t%g;\t1;\t2;\t3\n", 1372629804 + 86400 * (month - 7) + 300 * i,
          4000 * share, 100 * share, 300000 + 10000 * vm, 10 * share }
    }' >"$work/rnd/2013-$month/$vm.csv"
  done
done
expect 0 import bitbrains "$work/rnd" --out "$work/w/bits.toml"
says stdout "of 6 of 6 machines in 48"
expect 0 check "$work/w/bits.toml"
says stdout "workload: "
# The work of the tasks is that of the trace: 6 machines x 576 samples, idle ones left out.
awk -F, 'NR > 1 { sum += $4 } END { print sum }' "$work/w/bits.csv" >"$work/got"
want=$(awk 'BEGIN { for (v = 0; v < 6; v++) { split("1 2 3 10 11 12", vm, " ")
  for (m = 0; m < 2; m++) for (i = 0; i < 288; i++) { s = ((i + 7 * vm[v + 1]) % 50) / 50; if (s >= 0.05) sum += 4 * s * 300 } } print sum }')
[ "$(cat "$work/got")" = "$want" ] || fail "the work is $(cat "$work/got") GFLOP, not $want"
[ "$(sed -n 's/^\[applications\.\(.*\)\]/\1/p' "$work/w/bits.toml" | tr '\n' ' ')" = "vm1 vm2 vm3 vm10 vm11 vm12 " ] ||
  fail "odd machines: $(grep '^\[' "$work/w/bits.toml")"

cat >"$work/run.toml" <<END
intervals = 20
platform = "pi-config2"
workload = "$work/w/bits.toml"
END
expect 0 run "$work/run.toml" --out "$work/run"
# Its tasks are those of the first 20 intervals, with their own sizes.
awk -F, 'NR > 1 && $1 < 6000 { print $3 "," $4 }' "$work/w/bits.csv" | sort >"$work/want"
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { print $at["application"] "," $at["images"] }' \
  "$work/run/tasks.csv" | sort >"$work/ran"
[ "$(wc -l <"$work/want")" -gt 80 ] || fail "few tasks"
cmp "$work/want" "$work/ran" || fail "the run's tasks are not the trace's"
expect 0 verify "$work/run"

# Options.
expect 2 import bitbrains "$work/rnd" --out "$work/w/bits.toml"
says stderr "is there already"
expect 0 import bitbrains "$work/rnd/2013-8/3.csv" "$work/rnd/2013-8/1.csv" --out "$work/w/bits.toml" --force --json \
  --leis 1 --work-scale 0.5 --longest "1 h" --from "1 h" --length "6 h"
says stdout '"machines": 2, "applications": 2'
! grep -q lei2 "$work/w/bits.csv" || fail "--leis 1 makes two"
awk -F, 'NR > 1 && ($1 < 0 || $1 >= 21600) { exit 1 }' "$work/w/bits.csv" || fail "times outside --length"
expect 0 check "$work/w/bits.toml"
# Bad input: all files at once, and nothing written.
printf '1;2;3\n' >"$work/bad.csv"
printf 'x\n' >"$work/worse.csv"
expect 2 import bitbrains "$work/bad.csv" "$work/worse.csv" --out "$work/x.toml"
says stderr "$work/bad.csv:1:1: not a row of a GWA-T-12 trace"
says stderr "$work/worse.csv:1:1:"
[ ! -e "$work/x.toml" ] && [ ! -e "$work/x.csv" ] || fail "bad input left a file"
# Times in other units, and one that is out of all order.
awk 'BEGIN { for (i = 0; i < 20; ++i) print i * 300000 ";1;2000;900;45;4000000;2000000;1;1;1;1" }' >"$work/ms.csv"
expect 2 import bitbrains "$work/ms.csv" --out "$work/x.toml"
says stderr "$work/ms.csv: its samples are 300000 s apart"
awk 'BEGIN { for (i = 0; i < 20; ++i) print (i == 7 ? 9 : 1376314846 + i * 300) ";1;2000;900;45;4000000;2000000;1;1;1;1" }' >"$work/early.csv"
expect 2 import bitbrains "$work/early.csv" --out "$work/x.toml"
says stderr "over more than 20 years"
[ ! -e "$work/x.toml" ] || fail "wrong times left a file"
expect 2 import bitbrains "$work/none.csv" --out "$work/x.toml"
expect 2 import bitbrains "$work/w" --out "$work/bits"
says stderr "does not end in .toml"
mkdir "$work/empty"
expect 2 import bitbrains "$work/empty" --out "$work/x.toml"
says stderr "no .csv file"
expect 2 import bitbrains "$work/rnd/2013-8/3.csv" --out "$work/rnd/2013-8/3.toml" --force
says stderr "would replace"
expect 2 import bitbrains "$work/rnd" --out "$work/x.toml" --longest "5 sec"
says stderr "--longest: '5 sec' has the unknown unit 'sec'"
printf '0;2;4000;1e15;50;1;1;1;1;1;1\n' >"$work/huge.csv"
expect 2 import bitbrains "$work/huge.csv" --out "$work/x.toml" --work-scale 10
says stderr "--work-scale: a task of"
printf '0;2;4000;1e16;50;1;1;1;1;1;1\n' >"$work/huge.csv"
expect 2 import bitbrains "$work/huge.csv" --out "$work/x.toml"
says stderr "huge.csv:1:1"
expect 2 import bitbrains "$work/rnd" --out "$work/x.toml" --from "100 d"
says stderr "no machine is ever busy"
# The public archive, where it is at hand.
for real in ../shared/data/fastStorage ../shared/data/bitbrains; do
  [ -d "$real" ] || continue
  expect 0 import bitbrains "$real" --out "$work/real.toml" --memory-scale 0.1
  expect 0 check "$work/real.toml"
done
finish
