# The LaTeX tables of a run, a comparison and a sweep are compiled by pdflatex, names of every kind in them.
# Ends with 77 where pdflatex (apt install texlive-latex-base) or python3 is missing.
. "$(dirname "$0")/common.sh" "$1"
for program in pdflatex python3; do
  command -v $program >/dev/null || { echo "skipped: there is no $program (apt install texlive-latex-base)"; exit 77; }
done

"$lair" compare $scenario --policies none,overload-migration --seeds 1..2 --set intervals=6 --out "$work/cmp" \
  >/dev/null 2>&1 || fail "the comparison failed"
cp -r "$work/cmp/none-seed1" "$work/run"
{
  small_sweep 1..2 4
  echo '[sweep.axes]'
  echo 'faults.rate = { from = 0.5, to = 2, steps = 12 }'
  echo 'workload.rate = [2, 4]'
} >"$work/sweep.toml"
expect 0 sweep "$work/sweep.toml" --out "$work/sweep"
python3 - "$work" <<'END'
import json, sqlite3, sys
work = sys.argv[1]
name = 'x_%&#$^~\\{}<> |"\'`?`[]* --e\u0301\u00e9\u0142 \u0111\u4e2d\u2014 \U0001f600=1'
for file in ("run/summary.json", "cmp/compare.json"):
    text = open(f"{work}/{file}").read()
    for word in ("quickstart", "overload-migration"):
        text = text.replace(f'"{word}"', json.dumps(name))
    open(f"{work}/{file}", "w").write(text)
store = sqlite3.connect(f"{work}/sweep/sweep.db")
store.execute("UPDATE points SET policy = ? WHERE policy <> 'none'", (name,))
store.execute("UPDATE axes SET unit = ?", (name,))
store.commit()
END
for kind in run cmp sweep; do
  expect 0 report "$work/$kind" --format latex --out "$work/$kind.tex"
  grep -q 'tabular' "$work/$kind.tex" || fail "no table of $kind"
  printf '\\documentclass{article}\n\\usepackage{%s}\n\\begin{document}\n\\input{%s}\n\\end{document}\n' \
    array,booktabs,graphicx $kind.tex >"$work/doc-$kind.tex"
  (cd "$work" && pdflatex -interaction=nonstopmode -halt-on-error "doc-$kind.tex") >"$work/log" 2>&1 ||
    { fail "pdflatex does not take the tables of $kind"; grep -A6 '^!' "$work/log" >&2; }
  [ -s "$work/doc-$kind.pdf" ] || fail "no pages of $kind"
  # Some points are the widths of wrapped words; more than 20 would be seen.
  grep -E 'Overfull .hbox \(([2-9][0-9]|[0-9]{3,})\.|too large for page' "$work/log" >&2 &&
    fail "a table of $kind is larger than a page"
done
grep -q '(continued)' "$work/sweep.tex" || fail "no table over several pages"
[ -z "${LAIR_KEEP:-}" ] || cp "$work"/doc-*.pdf "$work"/*.tex "$LAIR_KEEP"
finish
