// The data of a replay, from the CSV files of a result folder.
#include "core/error.hpp"
#include "record/text_file.hpp"
#include "report/csv_table.hpp"
#include "report/escape.hpp"
#include "report/replay.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace lair::report {

namespace {

using Cells = std::vector<std::string>; ///< JSON values

constexpr std::size_t most_rows = 20'000;      ///< of faults, of migrations: what a page may hold
constexpr std::size_t most_note_bytes = 300'000;

/// A JSON string that may stand inside <script>.
std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : record::json_quoted(plain_text(text)))
    if (c == '<') out += "\\u003c";
    else out += c;
  return out;
}

std::string rounded(double x) { return std::isfinite(x) ? fmt::format("{:.4g}", x) : "null"; }
std::string seconds(double x) { return std::isfinite(x) ? fmt::format("{}", std::round(x * 10) / 10) : "null"; }
/// A share in thousandths.
std::string permille(double x) { return std::isfinite(x) ? fmt::format("{}", std::lround(x * 1000)) : "null"; }

std::string list(const Cells& cells) { return fmt::format("[{}]", fmt::join(cells, ",")); }

/// The shorter of the two forms.
std::string column(const Cells& cells) {
  Cells runs;
  std::size_t size = 0, runs_size = 9;
  for (std::size_t i = 0; i < cells.size();) {
    std::size_t next = i;
    while (next < cells.size() && cells[next] == cells[i]) ++next;
    size += (next - i) * (cells[i].size() + 1);
    runs.push_back(cells[i]);
    runs.push_back(fmt::format("{}", next - i));
    runs_size += cells[i].size() + runs.back().size() + 2;
    i = next;
  }
  return runs_size < size ? fmt::format("{{\"runs\":{}}}", list(runs)) : list(cells);
}

/// Names in the order in which they were met, with their numbers.
class Names {
public:
  std::size_t add(std::string_view name) {
    const auto [at, fresh] = index_.try_emplace(std::string(name), all_.size());
    if (fresh) all_.push_back(at->first);
    return at->second;
  }
  /// As a JSON value: the number, or -1.
  std::string number(std::string_view name) const {
    const auto at = index_.find(std::string(name));
    return at == index_.end() ? "-1" : fmt::format("{}", at->second);
  }
  /// No number of them if the name was not met.
  std::size_t find(std::string_view name) const {
    const auto at = index_.find(std::string(name));
    return at == index_.end() ? all_.size() : at->second;
  }
  std::size_t size() const { return all_.size(); }
  std::string json() const {
    Cells cells;
    for (const auto& name : all_) cells.push_back(quoted(name));
    return list(cells);
  }

private:
  std::vector<std::string> all_;
  std::unordered_map<std::string, std::size_t> index_; // looked up, never walked through
};

class Replay {
public:
  explicit Replay(const std::string& folder) : folder_(folder) {}

  std::string json() {
    read_intervals();
    read_hosts();
    const std::string labels = read_labels(), faults = read_faults(), moves = read_migrations(),
                      tasks = read_tasks(), notes = read_notes(); // in the order in which names appear
    return fmt::format("{{\"intervals\":{},\"of\":{},\"end_s\":{},\"series\":{},\n\"hosts\":{},\n\"leis\":{},\n"
                       "\"kinds\":{},\n\"kind_sets\":{},\n\"columns\":{{{}{}}},\n\"faults\":{},\n"
                       "\"migrations\":{},\n\"applications\":{},\n\"outcomes\":{},\n\"tasks\":{},\n\"notes\":{},\n\"missing\":[{}]}}",
                       shown_, intervals_, list(ends_json_), series_, hosts_.json(), leis_.json(),
                       kinds_.json(), kind_sets_.json(), host_columns_, labels, faults, moves,
                       applications_.json(), outcomes_.json(), tasks, notes, fmt::join(missing_, ","));
  }

private:
  /// Nothing, and noted as missing, if the run did not write it.
  std::optional<CsvTable> open(const std::string& name, bool wanted = true) {
    auto text = CsvTable::text_of(folder_ + "/" + name);
    if (!text) {
      if (wanted) missing_.push_back(quoted(name));
      return std::nullopt;
    }
    return std::optional<CsvTable>(std::in_place, std::move(*text), folder_ + "/" + name);
  }

  void read_intervals() {
    const auto file = open("intervals.csv");
    if (!file) throw InputError(folder_, "intervals.csv", "is not there", "a folder that `lair run` wrote");
    intervals_ = file->rows();
    const std::size_t end = file->column("end_s");
    for (std::size_t row = 0; row < intervals_; ++row) {
      ends_.push_back(file->number(row, end));
      ends_json_.push_back(seconds(ends_.back()));
    }
    Cells series;
    for (const char* name : {"arrived", "finished", "failed", "active", "queued", "requeued", "late",
                             "hosts_faulty", "hosts_labelled", "faults_started", "migrations",
                             "migrations_aborted", "actions_refused"})
      series.push_back(whole_series(*file, name, rounded));
    for (const char* name : {"cpu_mean", "ram_mean"}) series.push_back(whole_series(*file, name, permille));
    series_ = fmt::format("{{{}}}", fmt::join(series, ",\n"));
    shown_ = intervals_;
  }

  static std::string whole_series(const CsvTable& file, std::string_view name,
                                  std::string (*shown)(double)) {
    const std::size_t at = file.column(name);
    Cells cells;
    for (std::size_t row = 0; row < file.rows(); ++row) cells.push_back(shown(file.number(row, at)));
    return fmt::format("\"{}\":{}", name, column(cells));
  }

  /// Where a row of hosts.csv or labels.csv belongs; nothing if it is not shown.
  std::optional<std::size_t> cell_of(const CsvTable& file, std::size_t row, std::size_t interval_column,
                                     std::size_t host) const {
    const auto interval = file.count(row, interval_column);
    if (interval >= shown_ || host >= hosts_.size()) return std::nullopt;
    return host * shown_ + static_cast<std::size_t>(interval);
  }

  void read_hosts() {
    const auto file = open("hosts.csv");
    if (!file) return;
    const std::size_t interval = file->column("interval"), name = file->column("host"),
                      lei = file->column("lei");
    for (std::size_t row = 0; row < file->rows() && file->count(row, interval) == 0; ++row) {
      hosts_.add(file->cell(row, name));
      leis_.add(file->cell(row, lei));
    }
    if (hosts_.size() == 0) return;
    shown_ = std::min(intervals_, std::max<std::size_t>(1, replay_cells / hosts_.size()));
    struct Part {
      std::string_view name, source;
      std::string (*shown)(double);
      Cells cells;
    };
    const std::size_t cells = hosts_.size() * shown_;
    std::vector<Part> parts = {{"cpu", "cpu", permille, Cells(cells, "null")},
                               {"ram", "ram", permille, Cells(cells, "null")},
                               {"alive", "alive", permille, Cells(cells, "null")},
                               {"tasks", "tasks", rounded, Cells(cells, "null")},
                               {"broker", "broker", rounded, Cells(cells, "null")}};
    Cells lei_of(cells, "-1");
    std::vector<std::size_t> sources;
    for (const auto& part : parts) sources.push_back(file->column(part.source));
    for (std::size_t row = 0; row < file->rows(); ++row) {
      const auto at = cell_of(*file, row, interval, hosts_.find(file->cell(row, name)));
      if (!at) continue;
      for (std::size_t i = 0; i < parts.size(); ++i)
        parts[i].cells[*at] = parts[i].shown(file->number(row, sources[i]));
      lei_of[*at] = leis_.number(file->cell(row, lei));
    }
    for (const auto& part : parts) host_columns_ += fmt::format("\"{}\":{},\n", part.name, column(part.cells));
    host_columns_ += fmt::format("\"lei\":{}", column(lei_of));
  }

  std::string read_labels() {
    const auto file = open("labels.csv");
    if (!file || hosts_.size() == 0) return "";
    const std::size_t interval = file->column("interval"), name = file->column("host"),
                      faulty = file->column("faulty"), kinds = file->column("fault_kinds"),
                      score = file->column("score"), threshold = file->column("threshold"),
                      label = file->column("label");
    const std::size_t cells = hosts_.size() * shown_;
    Cells scores(cells, "null"), thresholds(cells, "null"), sets(cells, "0");
    std::string codes(cells, '0');
    kind_sets_.add("");
    for (std::size_t row = 0; row < file->rows(); ++row) {
      const auto at = cell_of(*file, row, interval, hosts_.find(file->cell(row, name)));
      if (!at) continue;
      const std::string_view said = file->cell(row, label);
      // What was so in its lowest bit, what the detector said above it: nothing, healthy, faulty.
      codes[*at] = static_cast<char>('0' + (file->cell(row, faulty) == "1" ? 1 : 0) +
                                     (said.empty() ? 0 : said == "1" ? 4 : 2));
      scores[*at] = rounded(file->number(row, score));
      thresholds[*at] = rounded(file->number(row, threshold));
      sets[*at] = fmt::format("{}", kind_sets_.add(file->cell(row, kinds)));
    }
    return fmt::format(",\n\"score\":{},\n\"threshold\":{},\n\"kind_set\":{},\n\"codes\":\"{}\"",
                       column(scores), column(thresholds), column(sets), codes);
  }

  /// Rows as columns of one name each.
  static std::string table(const std::vector<std::pair<std::string, Cells>>& columns) {
    Cells out;
    for (const auto& [name, cells] : columns) out.push_back(fmt::format("\"{}\":{}", name, list(cells)));
    return fmt::format("{{{}}}", fmt::join(out, ",\n"));
  }

  std::string read_faults() {
    const auto file = open("faults.csv");
    std::vector<std::pair<std::string, Cells>> out = {{"fault", {}}, {"kind", {}}, {"host", {}},
                                                      {"lei", {}}, {"start_s", {}}, {"end_s", {}},
                                                      {"strength", {}}, {"masked", {}}};
    const std::size_t rows = file ? std::min(file->rows(), most_rows) : 0;
    if (file && rows < file->rows()) left_out("faults", file->rows() - rows);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto text = [&](std::string_view name) { return file->cell(row, file->column(name)); };
      const auto number = [&](std::string_view name) { return file->number(row, file->column(name)); };
      const std::string cells[] = {fmt::format("{}", file->count(row, file->column("fault"))),
                                   fmt::format("{}", kinds_.add(text("kind"))),
                                   hosts_.number(text("host")),
                                   text("lei").empty() ? "-1" : fmt::format("{}", leis_.add(text("lei"))),
                                   seconds(number("started_s")),
                                   seconds(number("ended_s")),
                                   rounded(number("strength")),
                                   text("outcome") == "masked" ? quoted(text("reason")) : "0"};
      for (std::size_t i = 0; i < out.size(); ++i) out[i].second.push_back(cells[i]);
    }
    return table(out);
  }

  std::string read_migrations() {
    const auto file = open("migrations.csv");
    std::vector<std::pair<std::string, Cells>> out = {{"task", {}}, {"from", {}}, {"to", {}},
                                                      {"start_s", {}}, {"end_s", {}}, {"megabytes", {}},
                                                      {"outcome", {}}};
    const std::size_t rows = file ? std::min(file->rows(), most_rows) : 0;
    if (file && rows < file->rows()) left_out("migrations", file->rows() - rows);
    for (std::size_t row = 0; row < rows; ++row) {
      const auto text = [&](std::string_view name) { return file->cell(row, file->column(name)); };
      const auto number = [&](std::string_view name) { return file->number(row, file->column(name)); };
      const std::string outcome =
          text("reason").empty() ? std::string(text("outcome"))
                                 : fmt::format("{}: {}", text("outcome"), text("reason"));
      const auto task = file->count(row, file->column("task"));
      moved_.emplace(task, "-1");
      const std::string cells[] = {fmt::format("{}", task), hosts_.number(text("from")),
                                   hosts_.number(text("to")), seconds(number("started_s")),
                                   seconds(number("ended_s")), rounded(number("bytes") / 1e6),
                                   fmt::format("{}", outcomes_.add(outcome))};
      for (std::size_t i = 0; i < out.size(); ++i) out[i].second.push_back(cells[i]);
    }
    return table(out);
  }

  /// The interval in which a time lies.
  std::size_t interval_of(double time) const {
    return static_cast<std::size_t>(std::lower_bound(ends_.begin(), ends_.end(), time) - ends_.begin());
  }

  /// Counts by LEI and interval, and the applications of the tasks that moved.
  std::string read_tasks() {
    const auto file = open("tasks.csv");
    if (!file || hosts_.size() == 0) return "null";
    const std::size_t task = file->column("task"), application = file->column("application"),
                      lei = file->column("lei"), arrived = file->column("arrived_s"),
                      ended = file->column("ended_s"), outcome = file->column("outcome"),
                      late = file->column("late");
    for (std::size_t row = 0; row < file->rows(); ++row) leis_.add(file->cell(row, lei));
    const std::size_t cells = leis_.size() * shown_;
    std::vector<unsigned> came(cells), went(cells), were_late(cells), failed(cells);
    for (std::size_t row = 0; row < file->rows(); ++row) {
      const std::size_t first = leis_.add(file->cell(row, lei)) * shown_;
      // A task arrives at an interval's start: that instant is its own.
      const double begin = file->number(row, arrived);
      const auto in = static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), begin) - ends_.begin());
      if (in < shown_) ++came[first + in];
      const double end = file->number(row, ended);
      const std::size_t out = std::isfinite(end) ? interval_of(end) : shown_;
      if (out < shown_) {
        ++(file->cell(row, outcome) == "failed" ? failed : went)[first + out];
        if (file->cell(row, late) == "1") ++were_late[first + out];
      }
      const auto moved = moved_.find(file->count(row, task));
      if (moved != moved_.end())
        moved->second = fmt::format("{}", applications_.add(file->cell(row, application)));
    }
    Cells of_tasks;
    for (const auto& [number, app] : moved_) of_tasks.push_back(fmt::format("\"{}\":{}", number, app));
    return fmt::format("{{\"arrived\":{},\n\"finished\":{},\n\"late\":{},\n\"failed\":{},\n\"application\":{{{}}}}}",
                       column(counts(came)), column(counts(went)), column(counts(were_late)),
                       column(counts(failed)), fmt::join(of_tasks, ","));
  }

  static Cells counts(const std::vector<unsigned>& values) {
    Cells out;
    for (const unsigned value : values) out.push_back(fmt::format("{}", value));
    return out;
  }

  std::string read_notes() {
    const auto file = open("notes.csv", false); // most policies say nothing
    if (!file) return "null";
    const std::size_t time = file->column("time_s"), lei = file->column("lei"), note = file->column("note");
    std::vector<std::pair<std::string, Cells>> out = {{"time_s", {}}, {"lei", {}}, {"note", {}}};
    std::size_t bytes = 0, row = 0;
    for (; row < file->rows() && bytes < most_note_bytes; ++row) {
      out[0].second.push_back(seconds(file->number(row, time)));
      out[1].second.push_back(fmt::format("{}", leis_.number(file->cell(row, lei))));
      out[2].second.push_back(quoted(file->cell(row, note)));
      bytes += out[2].second.back().size();
    }
    if (row < file->rows()) left_out("notes", file->rows() - row);
    return table(out);
  }

  void left_out(std::string_view what, std::size_t rows) {
    missing_.push_back(quoted(fmt::format("{} more {}", rows, what)));
  }

  std::string folder_;
  std::size_t intervals_ = 0, shown_ = 0; ///< in the run, in the replay
  std::vector<double> ends_;
  Cells ends_json_, missing_;
  std::string series_, host_columns_;
  Names hosts_, leis_, kinds_, kind_sets_, applications_, outcomes_;
  std::map<std::uint64_t, std::string> moved_; ///< tasks that migrated, with their application
};

} // namespace

std::string replay_json(const std::string& run_folder) { return Replay(run_folder).json(); }

} // namespace lair::report
