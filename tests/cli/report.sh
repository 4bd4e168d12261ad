# lair report: pages, tables and pictures of a run and a comparison; the same bytes each time; what is
# missing is named; nothing is lost.
. "$(dirname "$0")/common.sh" "$1"

"$lair" compare $scenario --policies none,overload-migration:cooldown=2 --seeds 1..3 --out "$work/cmp" >/dev/null 2>&1 ||
  fail "the comparison failed"
run=$work/cmp/none-seed1 page=$work/cmp/report.html

# holds FILE TEXT...
holds() {
  local file=$1
  shift
  for text in "$@"; do grep -qF -- "$text" "$file" || fail "$file does not hold '$text'"; done
}
# alone PAGE: it fetches nothing, and no name in it is markup.
alone() {
  grep -oE '(src|href)="[^"]{1,30}' "$1" | grep -vE '="(data:|#)' && fail "$1 points off the page"
  grep -qE '@import|url\(["'\'']?http' "$1" && fail "$1 loads something"
  for tag in html body main section figure table svg; do
    [ "$(grep -oE "<$tag[ >]" "$1" | wc -l)" -eq "$(grep -oE "</$tag>" "$1" | wc -l)" ] || fail "$1: <$tag> is not closed"
  done
  # Every figure is named and described, every table has a caption and heads with a scope.
  [ "$(grep -o '<figure ' "$1" | wc -l)" -eq "$(grep -oE '<svg [^>]*role="img" aria-labelledby' "$1" | wc -l)" ] ||
    fail "$1: a figure without a name"
  [ "$(grep -oE '<table[ >]' "$1" | wc -l)" -eq "$(grep -o '<caption>' "$1" | wc -l)" ] || fail "$1: a table without a caption"
  grep -oE '<th[ >][^>]*' "$1" | grep -v scope= && fail "$1: a head without a scope"
  grep -oE ' id="[^"]*"' "$1" | sort | uniq -d | grep . && fail "$1: an id stands there twice"
}

expect 0 report "$work/cmp" --figures "$work/figures"
empty stderr
says stdout "report: $page"
says stdout "overload-migration:cooldown=2 against none: "
alone "$page"
holds "$page" "quickstart" "1, 2, 3" "overload-migration:cooldown=2 against none" "Means over the seeds" \
  'id="figure-metric-energy_kwh"' 'id="figure-response-by-application"' 'id="figure-response-cdf"' \
  "prefers-color-scheme" 'name="viewport"' "resnet18"
# The numbers are those of compare.csv.
mean=$(awk -F, '$1 == "energy_kwh" && $4 == "none" { print $6 }' "$work/cmp/compare.csv")
holds "$work/figures/metric-energy_kwh.csv" "none,$mean,"
for figure in metric-energy_kwh metric-response_mean_s differences response-by-application slo-by-application response-cdf; do
  [ -s "$work/figures/$figure.svg" ] && [ -s "$work/figures/$figure.csv" ] || fail "no figure $figure"
done
# An application's response times are those of tasks.csv.
want=$(awk -F, '$2 == "resnet18" && $5 == "finished" { sum += $10; n++ } END { printf "%.6g", sum / n }' "$run/tasks.csv")
expect 0 report "$run" --figures "$work/figures-run"
got=$(awk -F, '$1 == "resnet18" { printf "%.6g", $3 }' "$work/figures-run/response-by-application.csv")
[ "$want" = "$got" ] || fail "resnet18 responds in $got, not $want"
late=$(awk -F'[:,]' '/"slo_violation_rate"/ { printf "%.6g", $2 }' "$run/summary.json")
want=$(awk -F, '$11 != "" && ($5 == "finished" || $5 == "failed" || $12 == 1) { n++; sum += $12 } END { printf "%.6g", sum / n }' "$run/tasks.csv")
[ "$late" = "$want" ] || fail "the rule of late tasks is another one: $late, $want"
alone "$run/report.html"
holds "$run/report.html" "482 tasks" "Tasks in the federation" "fingerprint"

# The same bytes again, in place of the earlier report.
cp "$page" "$work/first.html"
cp -r "$work/figures" "$work/first"
expect 0 report "$work/cmp/" --figures "$work/figures"
cmp -s "$page" "$work/first.html" || fail "the report has changed"
diff -r "$work/figures" "$work/first" >/dev/null || fail "a figure has changed"
[ "$(stat -c %s "$page")" -lt 1000000 ] || fail "the report has $(stat -c %s "$page") bytes"

# A sweep, finished or not: figures, numbers as in the store, what is missing by name, size.
cat > "$work/sweep.toml" <<'TOML'
platform = "pi-config2"
workload = "aiotbench"
intervals = 6
[sweep]
seeds = "1..3"
policies = ["none", "overload-migration"]
[sweep.axes]
faults.rate = [0.5, 2]
"overload-migration:cooldown" = [1, 4]
TOML
"$lair" sweep "$work/sweep.toml" --out "$work/sweep" >/dev/null 2>"$work/stderr" || { fail "the sweep failed"; cat "$work/stderr" >&2; }
expect 0 report "$work/sweep" --figures "$work/figures-sweep"
empty stderr
says stdout "18 of 18 points done. overload-migration against none: "
says stdout "What matters most"
alone "$work/sweep/report.html"
holds "$work/sweep/report.html" "faults.rate" "overload-migration:cooldown" 'id="figure-axis1-faults-rate-energy_kwh"' \
  'id="figure-pair1-2-energy_kwh-overload-migration"' 'id="figure-share-energy_kwh"' 'id="figure-response-cdf"' "resnet18"
[ "$(stat -c %s "$work/sweep/report.html")" -lt 3000000 ] || fail "the report of a sweep is too large"
# The mean of none's three runs with rate 2, from their summaries.
want=$(for run in "$work"/sweep/runs/*; do
  grep -q '"name": "none"' "$run/summary.json" && grep -qE '^rate = 2$' <(sed -n '/^\[faults\]/,/^\[/p' "$run/scenario.toml") &&
    awk -F'[:,]' '/"energy_kwh"/ { print $2 }' "$run/summary.json"
done | awk '{ sum += $1; n++ } END { printf "%d %.9g", n, sum / n }')
got=$(awk -F, '$1 == "none" && $2 == 2 { printf "3 %.9g", $3 }' "$work/figures-sweep/axis1-faults-rate-energy_kwh.csv")
[ "$want" = "$got" ] || fail "energy at rate 2 is $got, not $want"
cp -r "$work/sweep" "$work/sweep-holes"
set -- $(ls "$work/sweep-holes/runs")
rm -r "$work/sweep-holes/runs/$1" "$work/sweep-holes/runs/$2"
truncate -s -1 "$work/sweep-holes/runs/$3/tasks.csv"
rm "$work/sweep-holes/runs/$4/intervals.csv"
expect 0 report "$work/sweep-holes"
says stderr "the folders of 2 of 18 runs are gone or without a summary"
says stderr "runs them again (runs/$1, runs/$2)"
says stderr "the folders of 2 of 18 runs are damaged: \`lair sweep FILE --resume\` runs them again (runs/$3, runs/$4)"
printf 'not a database, but long enough that one might take it for one' > "$work/sweep-holes/sweep.db"
expect 2 report "$work/sweep-holes"
says stderr "sweep.db"
says stderr "is no store of a sweep"

# Tables.
expect 0 report "$work/cmp" --format md
says stdout "| metric | unit | better | none | overload-migration:cooldown=2 |"
says stdout '| energy\_kwh | kWh | lower | '
expect 0 report "$work/cmp" --format latex --out "$work/tables.tex"
holds "$work/tables.tex" '\toprule' 'energy\_kwh & kWh & lower & '
expect 0 report "$work/cmp" --format csv --table metrics --metric energy_kwh --metric detection_f1
says stdout "metric,unit,better,none,none_low,none_high,overload-migration:cooldown=2,"
says stdout "energy_kwh,kWh,lower,$mean,"
[ "$(wc -l < "$work/stdout")" -eq 3 ] || fail "--table or --metric prints more"
expect 0 report "$work/cmp" --json --out "$work/x/y.html"
says stdout '"kind": "comparison"'
python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$work/stdout" 2>/dev/null ||
  ! command -v python3 >/dev/null || fail "--json prints no JSON"

# Standard output, folders on the way, and metrics without a value.
expect 0 report "$work/cmp" --out -
cmp -s "$work/stdout" "$page" || fail "--out - is not the page"
[ ! -e ./- ] || fail "--out - wrote a file"
expect 0 report "$work/cmp" --format csv --table metrics --out -
says stdout "metric,unit,better,none"
expect 2 report "$work/cmp" --out - --json
says stderr "both go to standard output"
expect 2 report "$run" --format csv --metric energy_kwh --metric detection.f1
says stderr "no run in '$run' has a value of 'detection.f1'"
empty stdout
"$lair" compare $scenario --policies none --seeds 1..2 --set intervals=3 --out "$work/plain" >/dev/null 2>&1
expect 2 report "$work/plain" --metric detection.f1
says stderr "no run in '$work/plain' has a value of 'detection.f1'"
[ -s "$work/x/y.html" ] || fail "the folder of --out was not made"

# Names are text wherever they come to stand.
cp -r "$run" "$work/odd"
sed -i 's/"quickstart"/"<script>alert(1)<\/script>\&%_"/' "$work/odd/summary.json"
sed -i 's/resnet18/<img src=x onerror=alert(2)>/' "$work/odd/tasks.csv"
expect 0 report "$work/odd"
alone "$work/odd/report.html"
grep -qE '<script>alert|<img' "$work/odd/report.html" && fail "a name has become markup"
holds "$work/odd/report.html" "&lt;script&gt;alert(1)&lt;/script&gt;&amp;%_" "&lt;img src=x onerror=alert(2)&gt;"
says stderr "tasks.csv' is damaged"
expect 0 report "$work/odd" --format latex
says stdout 'response\_mean\_s'

# What is missing, damaged or unfinished is named, and the rest is shown.
cp -r "$work/cmp" "$work/holes"
rm -r "$work/holes/none-seed2"
rm "$work/holes/none-seed3/summary.json"
head -c 2000 "$work/cmp/overload-migration-cooldown-2-seed1/tasks.csv" > "$work/holes/overload-migration-cooldown-2-seed1/tasks.csv"
printf 'not json' > "$work/holes/overload-migration-cooldown-2-seed2/summary.json"
expect 0 report "$work/holes"
says stderr "none-seed2' is not there"
says stderr "none-seed3' is unfinished"
says stderr "seed1/tasks.csv' is damaged"
says stderr "seed2/summary.json is not whole"
holds "$work/holes/report.html" "Not everything is here" "none-seed2" "none-seed3"
alone "$work/holes/report.html"

# Errors with a remedy; nothing is lost.
expect 2 report "$work/no-such-folder"
says stderr "is not there"
expect 2 report "$scenario"
says stderr "is no folder"
mkdir "$work/empty"
expect 2 report "$work/empty"
says stderr "is no result of lair"
mkdir "$work/cut"
cp -r "$run" "$work/cut/"
expect 2 report "$work/cut"
says stderr "--resume"
printf 'x' > "$work/empty/compare.json"
expect 2 report "$work/empty"
says stderr "compare.json"
rm "$work/odd/summary.json"
expect 2 report "$work/odd"
says stderr "holds no run that ended"
expect 2 report "$work/cmp" --metric energy --metric wat
says stderr "no metric 'energy'"
says stderr "no metric 'wat'"
expect 2 report "$work/cmp" --format csv --table wat
says stderr "metrics"
expect 2 report "$work/cmp" --format pdf
expect 2 report "$work/cmp" --table metrics
echo mine > "$work/mine.html"
expect 2 report "$work/cmp" --out "$work/mine.html"
says stderr "is there already"
[ "$(cat "$work/mine.html")" = mine ] || fail "a refused report has replaced a file"
mkdir "$work/pictures"
echo mine > "$work/pictures/response-cdf.svg"
expect 2 report "$work/cmp" --figures "$work/pictures"
[ "$(cat "$work/pictures/response-cdf.svg")" = mine ] || fail "a refused figure has replaced a file"
expect 0 report "$work/cmp" --out "$work/mine.html" --figures "$work/pictures" --force
alone "$work/mine.html"

# Nothing of a report disturbs the runs it lies beside.
expect 0 verify "$run"
"$lair" compare $scenario --policies none,overload-migration:cooldown=2 --seeds 1..3 --out "$work/cmp" --resume >/dev/null 2>"$work/stderr" ||
  { fail "a report is in the way of --resume"; cat "$work/stderr" >&2; }
finish
