# What the scripts that make results/reference/dragon* share; read by them with `.`. They set `work`, a folder
# for the pieces, and `policies`, separated by commas, whose first is what marks + and - compare with.

# compare_twice FOLDER CASE SCENARIO SEEDS SECOND: runs `policies` on SCENARIO and adds their rows, with CASE
# before them, to against-none.csv; the same runs, compared with SECOND's first instead, go to against-other.csv.
compare_twice() {
  scripts/compare "$1" "$3" --policies "$policies" --seeds "$4" --set record.level=summary > /dev/null
  add_rows "$work/against-none.csv" "$2" "$1/compare.csv"
  scripts/compare "$1" "$3" --policies "$5" --seeds "$4" --set record.level=summary > /dev/null
  add_rows "$work/against-other.csv" "$2" "$1/compare.csv"
}
add_rows() { # FILE CASE COMPARE.CSV
  [ -s "$1" ] || sed -n '1s/^/case,/p' "$3" > "$1"
  sed "1d;s/^/$2,/" "$3" >> "$1"
}

# table ROWS METRIC FACTOR FORMAT [METRIC FACTOR FORMAT]...: with ROWS = case a line per case and a column per
# policy; with ROWS = policy a line per policy (of the first case) and a column per metric. After a mean: its
# interval, the difference to the first policy in per cent, and what Holm's test says of the differences to it
# (+ better, - worse) and to the other one (^ better, v worse).
table() {
  local rows=$1
  shift
  awk -F, -v rows="$rows" -v wanted="$*" -v policies="$policies" '
    function show(m, x) { return sprintf(format[m], factor[m] * x) }
    BEGIN {
      count = split(policies, policy, ",")
      words = split(wanted, word, " ")
      for (i = 1; i <= words; i += 3) {
        metric[++metrics] = word[i]; factor[word[i]] = word[i + 1]; format[word[i]] = word[i + 2]
      }
    }
    FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; file++; next }
    !($at["metric"] in format) { next }
    { m = $at["metric"]; key = $at["case"] SUBSEP $at["policy"] SUBSEP m; first = $at["case"] SUBSEP m
      sure = $at["p_holm"] != "" && $at["p_holm"] < 0.05 }
    file == 1 {
      if (!($at["case"] in known)) { known[$at["case"]] = 1; order[++cases] = $at["case"] }
      if ($at["policy"] == policy[1]) base[first] = $at["mean"]
      if ($at["mean"] == "" || $at["mean"] == "nan") { cell[key] = "-"; next }
      cell[key] = show(m, $at["mean"]) " [" show(m, $at["low"]) ", " show(m, $at["high"]) "]"
      if ($at["policy"] != policy[1] && base[first] > 1e-3)
        cell[key] = cell[key] sprintf(" %+.1f %%", 100 * $at["difference"] / base[first])
      if (sure && $at["verdict"] == "better") cell[key] = cell[key] " **+**"
      if (sure && $at["verdict"] == "worse") cell[key] = cell[key] " **-**"
      next
    }
    cell[key] == "-" { next }
    sure && $at["verdict"] == "better" { cell[key] = cell[key] " **^**" }
    sure && $at["verdict"] == "worse" { cell[key] = cell[key] " **v**" }
    END {
      lines = rows == "case" ? cases : count
      columns = rows == "case" ? count : metrics
      for (i = 1; i <= lines; i++) {
        printf "| %s |", rows == "case" ? order[i] : "`" policy[i] "`"
        for (j = 1; j <= columns; j++)
          printf " %s |", rows == "case" ? cell[order[i], policy[j], metric[1]] : cell[order[1], policy[i], metric[j]]
        printf "\n"
      }
    }' "$work/against-none.csv" "$work/against-other.csv"
}

# variant_tables: what is told of variants of one policy on one scenario.
variant_tables() {
  cat << END

## What the user sees

| policy | mean response [s] | 95th percentile [s] | late tasks [%] | energy [kWh] | migrations |
|---|---|---|---|---|---|
END
  table policy response_mean_s 1 %.0f response_p95_s 1 %.0f slo_violation_rate 100 %.1f \
    energy_kwh 1 %.4f migrations 1 %.1f
  cat << END

## Detection

| policy | AUPR | F1 | precision | recall |
|---|---|---|---|---|
END
  table policy detection.aupr 1 %.3f detection.f1 1 %.3f detection.precision 1 %.3f detection.recall 1 %.3f
  cat << END

## Cost

Decision: mean per broker and interval; fine-tuning: of the whole run. Both modelled, in seconds of the boards.

| policy | decision [s] | fine-tuning [s] |
|---|---|---|
END
  table policy decision_mean_s 1 %.3f fine_tuning_total_s 1 %.1f
}
