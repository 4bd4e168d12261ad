# scripts/plot-decision as a user runs it, on a run of a policy that is sure to have something to anneal.
. "$(dirname "$0")/common.sh" "$1"
plot=scripts/plot-decision
options=model=untrained:first=20:risk=0.2:level=0.8:delta2=0:record=yes
few="--set intervals=12 --set faults.rate=3 --seed 3"

# draw CODE ARGUMENTS...: runs the script; its output is in $work/stdout and $work/stderr.
draw() {
  local code=$1
  shift
  $plot "$@" > "$work/stdout" 2> "$work/stderr"
  local got=$?
  [ "$got" -eq "$code" ] || { fail "$plot $* ended with $got, not $code"; cat "$work/stderr" >&2; }
}
# refuses TEXT ARGUMENTS...: exit 2, in these words, and nothing drawn.
refuses() {
  local text=$1
  shift
  draw 2 "$@"
  says stderr "plot-decision: "
  says stderr "$text"
  empty stdout
}

refuses "usage: "
refuses "usage: " a 1 b c
mkdir "$work/bin"
for tool in bash dirname awk; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
PATH=$work/bin "$BASH" $plot "$work" > "$work/stdout" 2> "$work/stderr"
[ $? -eq 2 ] || fail "without gnuplot it did not end with 2"
says stderr "plot-decision: there is no gnuplot: install gnuplot-nox"
if ! command -v gnuplot > /dev/null; then
  [ "$failures" -eq 0 ] || exit 1
  echo "skipped: there is no gnuplot here (scripts/install-packages --test installs it)"
  exit 77
fi

expect 0 run $scenario --policy dragon:$options $few --out "$work/run"
cp "$work/run/labels.csv" "$work/run/notes.csv" "$work"
draw 0 "$work/run"
picture=$(cat "$work/stdout")
[ -s "$picture" ] || fail "no picture '$picture'"
interval=${picture##*-} interval=${interval%.svg}
cp "$picture" "$work/picture"
tail -3 "$work/picture" | grep -q "</svg>" || fail "the picture is not whole"

# Every host and every fault of the interval, the threshold, a curve and what was chosen are in it.
awk -F, -v at="$interval" 'NR > 1 && $1 == at { print $2 }' "$work/labels.csv" > "$work/names"
[ "$(wc -l < "$work/names")" -ge 4 ] || fail "labels.csv has few hosts in interval $interval"
while read -r name; do says picture "$name"; done < "$work/names"
awk -F, -v at="$interval" 'NR > 1 && $1 == at && $3 { gsub(/ /, "+", $5); print $5 }' "$work/labels.csv" > "$work/kinds"
while read -r kinds; do says picture "$kinds"; done < "$work/kinds"
says picture "Interval $interval: "
says picture "threshold"
says picture "moving nothing"
says picture "fitness"
says picture "chosen: task "
# The fitness: a corner of the line for every proposal that was taken, a dot for every other one.
lei=$(awk -F, '$3 ~ /chosen/ { print $2; exit }' "$work/notes.csv")
says picture "$lei"
awk -F, -v at="$interval" -v lei="$lei" '$2 == lei && $3 ~ /start=/ { on = $3 ~ "interval=" at "$" }
  $2 == lei && on && /proposal=/' "$work/notes.csv" > "$work/proposals"
taken=$(grep -c "accepted=1" "$work/proposals")
rejected=$(grep -c "accepted=0" "$work/proposals")
[ "$taken" -gt 0 ] && [ "$rejected" -gt 0 ] || fail "$taken proposals taken, $rejected rejected"
corners=$(sed -n '/gnuplot_plot_1b/,/gnuplot_plot_2b/p' "$work/picture" | grep -o 'L[0-9]' | wc -l)
[ "$corners" -ge "$taken" ] || fail "a line of $corners corners for $taken proposals that were taken"
dots=$(sed -n '/gnuplot_plot_2b/,/gnuplot_plot_3b/p' "$work/picture" | grep -c "<use xlink:href='#gpPt")
[ "$dots" -eq "$rejected" ] || fail "$dots dots for $rejected rejected proposals of $lei"

# The same run gives the same picture, where one wants it, of the interval one wants.
draw 0 "$work/run" "$interval" "$work/again"
cmp -s "$work/picture" "$work/again" || fail "two pictures of one decision differ"
other=$(sed -n 's/.*annealing step=0 idle.* interval=//p' "$work/notes.csv" | grep -vx "$interval" | head -1)
draw 0 "$work/run" "$other" "$work/other"
says other "Interval $other: "

# Of a decision that looks ahead, the step that is drawn is told where it is not the first. A later step is about
# a later interval, and belongs to the same decision.
awk '{ sub(/step=0/, "step=2") } match($0, /interval=[0-9]+$/) {
    $0 = substr($0, 1, RSTART + 8) substr($0, RSTART + 9) + 2 } { print }' "$work/notes.csv" > "$work/run/notes.csv"
draw 0 "$work/run" "" "$work/ahead"
says ahead "Interval $interval: "
says ahead "looking 2 ahead; chosen: task "
cp "$work/notes.csv" "$work/run/notes.csv"

# A host that is off has no score; a detector without experience no threshold.
awk -F, -v OFS=, -v at="$interval" 'NR > 1 && $1 == at && n++ < 2 { $6 = $7 = "" } { print }' \
  "$work/labels.csv" > "$work/run/labels.csv"
draw 0 "$work/run" "$interval" "$work/off"
says off "no score"
grep -q "no score" "$work/picture" && fail "a host without a score where all have one"
cp "$work/labels.csv" "$work/run/labels.csv"

refuses "'x' is no interval" "$work/run" x
refuses "'-1' is no interval" "$work/run" -1
refuses "labels.csv holds no interval 12" "$work/run" 12
refuses "there is no folder $work/nowhere" "$work/run" "$interval" "$work/nowhere/x.svg"
refuses "$work/nowhere/labels.csv is not there" "$work/nowhere"
grep -v "annealing.* interval=$other\$" "$work/notes.csv" > "$work/run/notes.csv"
refuses "nothing was annealed in interval $other; it was in " "$work/run" "$other"
says stderr " $interval"
grep -v annealing "$work/notes.csv" > "$work/run/notes.csv"
refuses "notes.csv holds no annealing" "$work/run"
rm "$work/run/notes.csv"
refuses "notes.csv is not there: run with record.level" "$work/run"
says stderr "dragon:record=yes"
finish
