#include "sweep/store.hpp"

#include "core/error.hpp"
#include "core/hash.hpp"
#include "record/text_file.hpp"
#include "sweep/database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <optional>
#include <unordered_map>

namespace lair::sweep {

namespace {

constexpr int schema_version = 2; ///< 2: metrics of redundancy

std::string metric_columns(const std::string& before, const std::string& type) {
  std::string columns;
  for (std::size_t i = 0; i < record::metric_count; ++i)
    columns += fmt::format(", {}{}{}", before,
                           quoted_name(metric_column(static_cast<record::Metric>(i))), type);
  return columns;
}

/// A text for SQLite's json functions and every other reader.
std::string values_json(const SweepAxis& axis) {
  std::string out = "[";
  for (const auto& value : axis.values)
    out += (out.size() > 1 ? "," : "") +
           (axis.numeric ? fmt::format("{:.17g}", value.number) : record::json_quoted(value.text));
  return out + "]";
}

std::string axis_kind(const Plan& plan, std::size_t axis) {
  for (const auto& group : plan.table().groups)
    if (std::find(group.axes.begin(), group.axes.end(), axis) != group.axes.end())
      return std::string(to_string(group.method));
  return {};
}

void create_tables(Database& database) {
  database.execute(
      "CREATE TABLE IF NOT EXISTS sweep(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS runs(run TEXT PRIMARY KEY, status TEXT NOT NULL, exit_code INTEGER,"
      " message TEXT, scenario_hash TEXT, fingerprint TEXT, folder TEXT) WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS metrics(run TEXT PRIMARY KEY" +
      metric_columns("", " REAL") +
      ") WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS costs(run TEXT PRIMARY KEY, wall_s REAL, cpu_s REAL,"
      " peak_rss_bytes REAL, decisions INTEGER, decision_cpu_s REAL, fine_tuning_cpu_s REAL,"
      " date TEXT) WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS files(run TEXT PRIMARY KEY, manifest TEXT) WITHOUT ROWID;");
}

/// RunError unless the tables are those of this version, or none: a file that was cut short in its
/// first transaction. True if there are tables.
bool check_schema(Database& database, const std::string& file) {
  std::string version, why;
  try {
    Statement count(database, "SELECT count(*) FROM sqlite_master");
    if (count.step() && count.integer(0) == 0) return false;
    Statement statement(database, "SELECT value FROM sweep WHERE key = 'schema_version'");
    if (statement.step()) version = statement.text(0);
  } catch (const RunError& error) { // no such table, or no database at all
    why = fmt::format(": {}", error.what());
  }
  if (version != std::to_string(schema_version))
    throw RunError(fmt::format("'{}' is no store of a sweep of this version{}; move it away, and --resume makes it "
                               "anew from the runs beside it",
                               file, why));
  return true;
}

} // namespace

std::string metric_column(record::Metric metric) {
  std::string name(record::metric_table()[static_cast<std::size_t>(metric)].name);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

struct Store::Impl {
  Impl(const std::string& path, const Plan& its_plan) : file(path), plan(its_plan) {
    database.emplace(path);
    (void)check_schema(*database, path);
    database->execute("PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE");
    create_tables(*database);
  }

  /// What the plan is, so that an unchanged one is not written again.
  std::string plan_digest(const std::function<std::string(std::size_t)>& key) const {
    Hash128 hash;
    const auto add = [&](const std::string& text) { hash.update(text.data(), text.size() + 1); };
    for (const auto& axis : plan.table().axes) {
      add(axis.name);
      add(axis.unit);
      add(values_json(axis));
    }
    for (std::size_t i = 0; i < plan.size(); ++i) add(key(i));
    return hash.hex();
  }

  std::unordered_map<std::string, std::string> finished_runs() {
    std::unordered_map<std::string, std::string> runs;
    Statement table(*database,
                    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'points'");
    if (!table.step()) return runs;
    Statement select(*database, "SELECT p.key, p.run FROM points p JOIN runs r USING (run)"
                                " WHERE r.status = 'done'");
    while (select.step()) runs.emplace(select.text(0), select.text(1));
    return runs;
  }

  void lay_down(const std::function<std::string(std::size_t)>& key) {
    const auto kept = finished_runs();
    const auto& axes = plan.table().axes;
    std::string columns, names, places;
    for (const auto& axis : axes) {
      columns += fmt::format(", {} {}", quoted_name(axis.name), axis.numeric ? "REAL" : "TEXT");
      names += fmt::format(", p.{}", quoted_name(axis.name));
      places += ", ?";
    }
    database->execute(
        "DROP VIEW IF EXISTS results; DROP TABLE IF EXISTS points; DROP TABLE IF EXISTS axes;"
        "CREATE TABLE axes(position INTEGER PRIMARY KEY, name TEXT, key TEXT, policy TEXT, unit TEXT,"
        " kind TEXT, scale TEXT, \"values\" TEXT);"
        "CREATE TABLE points(point INTEGER PRIMARY KEY, key TEXT, policy TEXT, seed INTEGER" +
        columns +
        ", run TEXT);"
        "CREATE VIEW results AS SELECT p.point, p.policy, p.seed" +
        names + ", p.run, coalesce(r.status, 'pending') AS status" + metric_columns("m.", "") +
        " FROM points p LEFT JOIN runs r USING (run) LEFT JOIN metrics m USING (run)");
    Statement axis_row(*database, "INSERT INTO axes VALUES(?,?,?,?,?,?,?,?)");
    for (std::size_t a = 0; a < axes.size(); ++a)
      axis_row.bind(static_cast<std::int64_t>(a))
          .bind(axes[a].name)
          .bind(axes[a].key)
          .bind(axes[a].policy)
          .bind(axes[a].unit)
          .bind(axis_kind(plan, a))
          .bind(axes[a].log ? "log" : "linear")
          .bind(values_json(axes[a]))
          .run();
    Statement point_row(*database, "INSERT INTO points VALUES(?,?,?,?" + places + ",?)");
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const std::string its_key = key(i);
      point_row.bind(static_cast<std::int64_t>(i)).bind(its_key).bind(plan.policy_of(i));
      point_row.bind(static_cast<std::int64_t>(plan.seed_of(i)));
      const Cell& cell = plan.cells()[plan.cell_of(i)];
      for (std::size_t a = 0; a < axes.size(); ++a) {
        const auto* value = plan.value(cell, a);
        if (value == nullptr) point_row.bind_null();
        else if (axes[a].numeric) point_row.bind(value->number);
        else point_row.bind(value->text);
      }
      if (const auto run = kept.find(its_key); run != kept.end()) point_row.bind(run->second);
      else point_row.bind_null();
      point_row.run();
    }
    for (const char* table : {"runs", "metrics", "costs", "files"})
      database->execute(fmt::format(
          "DELETE FROM {} WHERE run NOT IN (SELECT run FROM points WHERE run IS NOT NULL)", table));
  }

  void forget_failures() {
    database->execute("UPDATE points SET run = NULL WHERE run IN"
                      " (SELECT run FROM runs WHERE status <> 'done');"
                      "DELETE FROM runs WHERE status <> 'done'");
  }

  void write_facts(const Facts& facts) {
    Statement insert(*database, "INSERT OR REPLACE INTO sweep VALUES(?,?)");
    for (const auto& [key, value] : facts) insert.bind(key).bind(value).run();
  }

  void load() {
    run_of.assign(plan.size(), {});
    Statement select(*database, "SELECT point, run FROM points WHERE run IS NOT NULL");
    while (select.step()) run_of[static_cast<std::size_t>(select.integer(0))] = select.text(1);
  }

  void write_run(const StoredRun& one) {
    if (!put_run)
      put_run.emplace(*database, "INSERT OR REPLACE INTO runs VALUES(?,?,?,?,?,?,?)");
    const bool done = one.status == "done";
    put_run->bind(one.run).bind(one.status).bind(static_cast<std::int64_t>(one.exit_code));
    if (one.message.empty()) put_run->bind_null();
    else put_run->bind(one.message);
    if (!done) {
      put_run->bind_null().bind_null().bind_null();
      put_run->run();
      return;
    }
    put_run->bind(one.summary.scenario_hash)
        .bind(one.summary.fingerprint)
        .bind("runs/" + one.run)
        .run();
    if (!put_metrics) {
      std::string places = "?";
      for (std::size_t i = 0; i < record::metric_count; ++i) places += ",?";
      put_metrics.emplace(*database, "INSERT OR REPLACE INTO metrics VALUES(" + places + ")");
      put_cost.emplace(*database, "INSERT OR REPLACE INTO costs VALUES(?,?,?,?,?,?,?,?)");
      put_files.emplace(*database, "INSERT OR REPLACE INTO files VALUES(?,?)");
    }
    put_metrics->bind(one.run);
    for (std::size_t i = 0; i < record::metric_count; ++i)
      put_metrics->bind(one.summary.metrics[static_cast<record::Metric>(i)]);
    put_metrics->run();
    put_cost->bind(one.run).bind(one.cost.wall_s).bind(one.cost.cpu_s);
    put_cost->bind(one.cost.peak_rss_bytes);
    const auto policy = one.cost.policy.value_or(record::Cost::Policy{});
    put_cost->bind(static_cast<std::int64_t>(policy.decisions))
        .bind(policy.decision_cpu_s)
        .bind(policy.fine_tuning_cpu_s)
        .bind(one.cost.date)
        .run();
    put_files->bind(one.run).bind(one.files).run();
  }

  void begin() {
    if (open) return;
    database->execute("BEGIN IMMEDIATE");
    open = true;
    began = std::chrono::steady_clock::now();
  }
  void commit() {
    if (!open) return;
    database->execute("COMMIT");
    open = false;
  }

  std::string file;
  const Plan& plan;
  std::optional<Database> database;
  std::optional<Statement> put_run, put_metrics, put_cost, put_files, put_point, get_files; // before the database goes
  std::vector<std::string> run_of; ///< by point
  std::vector<bool> failed_points;
  bool open = true; ///< a transaction
  std::chrono::steady_clock::time_point began;
};

Store::Store(const std::string& file, const Plan& plan, const Facts& facts,
             const std::function<std::string(std::size_t)>& key)
    : impl_(std::make_unique<Impl>(file, plan)) {
  Impl& to = *impl_;
  const std::string digest = to.plan_digest(key);
  std::string there;
  {
    Statement select(*to.database, "SELECT value FROM sweep WHERE key = 'plan'");
    if (select.step()) there = select.text(0);
  }
  if (there != digest) to.lay_down(key);
  to.forget_failures();
  to.write_facts({{"schema_version", std::to_string(schema_version)}, {"plan", digest}});
  to.write_facts(facts);
  to.commit();
  to.load();
  to.failed_points.assign(plan.size(), false);
}

Store::~Store() = default;

bool Store::done(std::size_t point) const {
  return !impl_->run_of[point].empty() && !impl_->failed_points[point];
}
const std::string& Store::run_of(std::size_t point) const { return impl_->run_of[point]; }

std::string Store::files_of(std::size_t point) {
  auto& select = impl_->get_files;
  if (!select) select.emplace(*impl_->database, "SELECT manifest FROM files WHERE run = ?");
  select->bind(impl_->run_of[point]);
  std::string files = select->step() ? select->text(0) : std::string();
  select->reset();
  return files;
}

void Store::forget(std::size_t point) {
  impl_->begin();
  Statement(*impl_->database, "UPDATE points SET run = NULL WHERE point = ?")
      .bind(static_cast<std::int64_t>(point))
      .run();
  impl_->run_of[point].clear();
}

void Store::add(std::size_t point, const StoredRun& one) {
  Impl& to = *impl_;
  to.begin();
  to.write_run(one);
  if (!to.put_point)
    to.put_point.emplace(*to.database, "UPDATE points SET run = ? WHERE point = ?");
  to.put_point->bind(one.run).bind(static_cast<std::int64_t>(point)).run();
  to.run_of[point] = one.run;
  to.failed_points[point] = one.status != "done";
  if (std::chrono::steady_clock::now() - to.began > std::chrono::seconds(1)) to.commit();
}

void Store::commit() { impl_->commit(); }

Store::Counts Store::counts() const {
  Counts counts;
  counts.points = impl_->run_of.size();
  for (std::size_t i = 0; i < counts.points; ++i) {
    if (impl_->failed_points[i]) ++counts.failed;
    else if (!impl_->run_of[i].empty()) ++counts.done;
  }
  return counts;
}

std::string Store::digest() {
  impl_->commit();
  Hash128 hash;
  for (const char* table : {"axes", "points", "runs", "metrics"}) {
    Statement select(*impl_->database, fmt::format("SELECT * FROM {} ORDER BY 1", table));
    while (select.step())
      for (int i = 0; i < select.columns(); ++i) {
        const std::string text = select.is_null(i) ? "\x01" : select.text(i);
        hash.update(text.data(), text.size() + 1);
      }
  }
  return hash.hex();
}

std::string read_fact(const std::string& file, const std::string& key) {
  if (!std::filesystem::exists(file)) return {};
  Database database(file); // not only to read: what a killed process left half done is undone
  if (!check_schema(database, file)) return {};
  Statement select(database, "SELECT value FROM sweep WHERE key = ?");
  select.bind(key);
  return select.step() ? select.text(0) : std::string();
}

bool has_runs(const std::string& file) {
  if (!std::filesystem::exists(file)) return false;
  Database database(file);
  return check_schema(database, file) && Statement(database, "SELECT 1 FROM runs LIMIT 1").step();
}

} // namespace lair::sweep
