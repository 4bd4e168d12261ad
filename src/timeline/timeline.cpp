#include "timeline/timeline.hpp"

#include "core/error.hpp"
#include "report/csv_table.hpp"
#include "timeline/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

namespace lair::timeline {

namespace {

namespace fs = std::filesystem;
using report::CsvTable;

/// A slice with those inside it, before it has a lane.
struct Unit {
  std::size_t track = 0;
  std::string lane; ///< kind of lane: "tasks"
  std::vector<Slice> slices;
};

/// The move of a task, by its units.
struct Move {
  std::size_t from = 0, to = 0;
  double left = 0; ///< when it froze
  std::string name;
};

/// Where a task stands while its events are read.
struct TaskState {
  std::string title, lei;
  std::size_t unit = 0;     ///< that is open
  bool open = false;        ///< whether one is
  bool migrating = false;
  double migrated_since = 0;
};

class Builder {
public:
  explicit Builder(const std::string& folder) : folder_(folder) {
    const RunTitle title = read_title(folder);
    out_.scenario = title.scenario;
    out_.policy = title.policy;
    out_.end = title.simulated;
  }

  Timeline build() {
    read_hosts();
    const std::string events = folder_ + "/events.jsonl";
    if (std::error_code error; !fs::exists(events, error))
      throw InputError(folder_, "", "this run was recorded without events.jsonl",
                       "run it again with --set record.level=events");
    for (const RecordedEvent& event : read_events(events)) {
      out_.end = std::max(out_.end, event.time);
      add(event);
    }
    read_faults();
    for (auto& [id, task] : tasks_)
      if (task.open) close(task, out_.end);
    for (auto& [track, since] : off_) add_unit(track, "power", {since, out_.end, "off", "off", 0, {}});
    assign_lanes();
    return std::move(out_);
  }

private:
  // --- tracks -------------------------------------------------------------------------------------

  void read_hosts() {
    const auto text = CsvTable::text_of(folder_ + "/hosts.csv");
    if (!text)
      throw InputError(folder_, "", "this run was recorded without hosts.csv",
                       "run it again with --set record.level=events");
    const CsvTable hosts(*text, folder_ + "/hosts.csv");
    const auto interval = hosts.column("interval"), host = hosts.column("host"), lei = hosts.column("lei"),
               cpu = hosts.column("cpu"), ram = hosts.column("ram");
    const auto starts = interval_starts();
    std::vector<std::pair<std::string, std::string>> names; // host, LEI where it was first
    std::size_t row = 0;
    for (; row < hosts.rows() && hosts.count(row, interval) == 0; ++row)
      names.emplace_back(hosts.cell(row, host), hosts.cell(row, lei));
    for (const auto& [name, of] : names)
      if (!tracks_.contains(of)) { // LEIs in the order of their first hosts
        add_track(of, of, false);
        for (const auto& [other, its] : names)
          if (its == of) add_track(other, of, true);
      }
    for (row = 0; row < hosts.rows(); ++row) {
      const auto which = hosts.count(row, interval);
      if (which >= starts.size()) continue; // an interval that did not end
      Track& track = out_.tracks[track_of(std::string(hosts.cell(row, host)))];
      track.counters[0].values.emplace_back(starts[which], 100 * hosts.number(row, cpu));
      track.counters[1].values.emplace_back(starts[which], 100 * hosts.number(row, ram));
    }
  }

  std::vector<double> interval_starts() const {
    const std::string path = folder_ + "/intervals.csv";
    const auto text = CsvTable::text_of(path);
    if (!text) throw InputError(folder_, "", "there is no intervals.csv", "the folder of a run");
    const CsvTable intervals(*text, path);
    const auto end = intervals.column("end_s");
    std::vector<double> starts;
    for (std::size_t row = 0; row < intervals.rows(); ++row)
      starts.push_back(row == 0 ? 0 : intervals.number(row - 1, end));
    return starts;
  }

  void add_track(const std::string& name, const std::string& lei, bool host) {
    tracks_.emplace(name, out_.tracks.size());
    Track track{name, lei, host, {}, {}, {}};
    if (host) track.counters = {{"CPU", "%", {}}, {"RAM", "%", {}}};
    out_.tracks.push_back(std::move(track));
  }

  std::size_t track_of(const std::string& name) const {
    const auto found = tracks_.find(name);
    if (found == tracks_.end())
      throw InputError(folder_, "", fmt::format("'{}' is no host and no LEI of hosts.csv", name),
                       "files of one run");
    return found->second;
  }

  // --- units --------------------------------------------------------------------------------------

  std::size_t add_unit(std::size_t track, std::string lane, Slice slice) {
    units_.push_back({track, std::move(lane), {std::move(slice)}});
    return units_.size() - 1;
  }

  void open(TaskState& task, const std::string& track, const char* lane, const char* kind, double time,
            const RecordedEvent& event) {
    Slice slice{time, -1, task.title, kind, 0, {}};
    slice.details = {{"task", fmt::format("{}", event.task)}};
    task.unit = add_unit(track_of(track), lane, std::move(slice));
    task.open = true;
  }
  /// What the task does from now on, inside what is open.
  void phase(TaskState& task, const char* name, const char* kind, double time) {
    end_phase(task, time);
    units_[task.unit].slices.push_back({time, -1, name, kind, 1, {}});
  }
  void end_phase(TaskState& task, double time) {
    if (auto& slices = units_[task.unit].slices; slices.size() > 1 && slices.back().end < 0)
      slices.back().end = time;
  }
  void close(TaskState& task, double time) {
    end_phase(task, time);
    units_[task.unit].slices.front().end = time;
    task.open = task.migrating = false;
  }
  void mark(const std::string& track, double time, std::string name) {
    out_.tracks[track_of(track)].marks.push_back({time, std::move(name)});
  }

  void add(const RecordedEvent& e) {
    if (e.task >= 0 && e.kind != "action_refused") return add_to_task(e);
    if (e.kind == "host_down") off_.emplace(track_of(e.host), e.time);
    if (e.kind == "host_up")
      if (const auto found = off_.find(track_of(e.host)); found != off_.end()) {
        add_unit(found->first, "power", {found->second, e.time, "off", "off", 0, {}});
        off_.erase(found);
      }
    if (e.kind == "decision_made" && e.seconds > 0)
      add_unit(track_of(e.host), "broker", {std::max(0.0, e.time - e.seconds), e.time, "decides", "decide", 0, {}});
    if (e.kind == "broker_promoted" || e.kind == "host_failed" || e.kind == "host_rejoined")
      mark(e.host, e.time, e.kind == "broker_promoted" ? "promoted to broker"
                           : e.kind == "host_failed"   ? "declared failed"
                                                       : "rejoined");
  }

  void add_to_task(const RecordedEvent& e) {
    TaskState& task = tasks_[e.task];
    // A further copy is not shown until it is the task.
    if (e.kind.starts_with("migration_") && task.open &&
        units_[task.unit].track != track_of(e.host))
      return;
    if (e.kind == "task_arrived") {
      task.title = fmt::format("task {} {}", e.task, e.application);
      task.lei = e.lei;
      open(task, e.lei, "queue", "queue", e.time, e);
    } else if (e.kind == "task_placed") {
      if (task.open) close(task, e.time);
      open(task, e.host, "tasks", "task", e.time, e);
      phase(task, "image and input", "input", e.time);
    } else if (e.kind == "task_started") {
      phase(task, "computes", "compute", e.time);
    } else if (e.kind == "migration_started") {
      phase(task, "migrates", "migrate", e.time);
      units_[task.unit].slices.back().name = "migrates to " + e.target;
      task.migrating = true;
      task.migrated_since = e.time;
    } else if (e.kind == "migration_aborted") {
      if (task.migrating) phase(task, "computes", "compute", e.time);
      task.migrating = false;
    } else if (e.kind == "migration_finished") {
      const std::size_t from = task.unit;
      const double left = task.migrated_since;
      close(task, e.time);
      open(task, e.target.empty() ? e.host : e.target, "tasks", "task", e.time, e);
      phase(task, "computes", "compute", e.time);
      moves_.push_back({from, task.unit, left, task.title});
    } else if (e.kind == "copy_promoted") {
      if (task.open) close(task, e.time);
      open(task, e.host, "tasks", "task", e.time, e);
      phase(task, "computes", "compute", e.time);
    } else if (e.kind == "task_requeued" || e.kind == "task_reopened") {
      if (task.open) close(task, e.time);
      open(task, task.lei, "queue", "queue", e.time, e);
      units_[task.unit].slices.front().details.emplace_back("after", "\"" + e.reason + "\"");
    } else if ((e.kind == "task_finished" || e.kind == "task_failed") && task.open) {
      units_[task.unit].slices.front().details.emplace_back(
          "outcome", e.kind == "task_finished" ? "\"finished\"" : "\"failed\"");
      close(task, e.time);
    } else if (e.kind == "task_killed") {
      mark(e.host, e.time, fmt::format("task {} killed: out of memory", e.task));
    }
  }

  void read_faults() {
    const std::string path = folder_ + "/faults.csv";
    const auto text = CsvTable::text_of(path);
    if (!text) return;
    const CsvTable faults(*text, path);
    const auto id = faults.column("fault"), kind = faults.column("kind"), host = faults.column("host"),
               lei = faults.column("lei"), outcome = faults.column("outcome"),
               started = faults.column("started_s"), ended = faults.column("ended_s"),
               strength = faults.column("strength");
    for (std::size_t row = 0; row < faults.rows(); ++row) {
      const double from = faults.number(row, started), to = faults.number(row, ended);
      // One that was masked before it began has no length; it shows nowhere.
      if (std::isnan(from) || (std::isnan(to) && faults.cell(row, outcome) == "masked")) continue;
      const auto target = faults.cell(row, host).empty() ? faults.cell(row, lei) : faults.cell(row, host);
      Slice slice{from, std::isnan(to) ? out_.end : to, std::string(faults.cell(row, kind)), "fault", 0, {}};
      slice.details = {{"fault", std::string(faults.cell(row, id))}};
      if (!faults.cell(row, strength).empty())
        slice.details.emplace_back("strength", std::string(faults.cell(row, strength)));
      add_unit(track_of(std::string(target)), "faults", std::move(slice));
    }
  }

  // --- lanes --------------------------------------------------------------------------------------

  /// Each unit goes to the first lane of its kind that is free when it starts.
  void assign_lanes() {
    std::vector<std::size_t> order(units_.size()), lane_of(units_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return units_[a].slices.front().start < units_[b].slices.front().start;
    });
    // (track, kind of lane) -> lanes of that kind
    std::map<std::pair<std::size_t, std::string>, std::vector<std::size_t>> lanes;
    for (const std::size_t i : order) {
      Unit& unit = units_[i];
      Track& track = out_.tracks[unit.track];
      auto& mine = lanes[{unit.track, unit.lane}];
      auto free = std::find_if(mine.begin(), mine.end(), [&](std::size_t lane) {
        return end_of(track.lanes[lane]) <= unit.slices.front().start;
      });
      if (free == mine.end()) {
        mine.push_back(track.lanes.size());
        track.lanes.push_back({fmt::format("{} {}", unit.lane, mine.size()), {}});
        free = std::prev(mine.end());
      }
      lane_of[i] = *free;
      auto& slices = track.lanes[*free].slices;
      slices.insert(slices.end(), unit.slices.begin(), unit.slices.end());
    }
    for (const Move& move : moves_)
      out_.flows.push_back({{units_[move.from].track, lane_of[move.from], move.left},
                            {units_[move.to].track, lane_of[move.to], units_[move.to].slices.front().start},
                            move.name});
  }
  static double end_of(const Lane& lane) {
    for (auto slice = lane.slices.rbegin(); slice != lane.slices.rend(); ++slice)
      if (slice->depth == 0) return slice->end;
    return 0;
  }

  std::string folder_;
  Timeline out_;
  std::map<std::string, std::size_t> tracks_;
  std::map<long long, TaskState> tasks_;
  std::map<std::size_t, double> off_; ///< track of a host that is off -> since when
  std::vector<Unit> units_;
  std::vector<Move> moves_;
};

} // namespace

Timeline read_timeline(const std::string& folder) {
  if (std::error_code error; !fs::is_directory(folder, error))
    throw InputError(folder, "", "there is no such folder", "the result folder of a run");
  return Builder(folder).build();
}

} // namespace lair::timeline
