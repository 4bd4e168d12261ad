#include "scenario/files.hpp"
#include "scenario/parts.hpp"
#include "scenario/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace lair {

namespace {

const Fields<DeadlineTable>& calibration_fields() {
  using T = DeadlineTable;
  static const Fields<T> fields{
      required(text<T>(
          "policy", [](auto& t) -> auto& { return t.policy; },
          "policy under which the response times were measured")),
      required(text<T>(
          "seeds", [](auto& t) -> auto& { return t.seeds; }, "seeds of those runs")),
      required(text<T>(
          "command", [](auto& t) -> auto& { return t.command; },
          "command that makes the file again")),
      text<T>(
          "scenario", [](auto& t) -> auto& { return t.scenario; }, "scenario of those runs"),
      text<T>(
          "scenario_hash", [](auto& t) -> auto& { return t.scenario_hash; }, "its hash then"),
      text<T>(
          "method", [](auto& t) -> auto& { return t.method; },
          "how a deadline follows from the response times"),
  };
  return fields;
}

const Field<Application>& deadline_field() {
  const auto& fields = application_fields();
  return *std::find_if(fields.begin(), fields.end(),
                       [](const auto& field) { return field.key == "deadline"; });
}

/// `own`: which applications state a deadline of their own, which wins.
void read_deadlines(Context& context, const Search& search, const std::string& scenario,
                    const Node& name, const std::string& key, const std::vector<bool>& own,
                    std::vector<Application>& applications) {
  const auto path = find_file(context, search, scenario, name, key, "workloads/deadlines");
  if (path.empty()) return;
  const auto document = load_document(context, path);
  if (!document) return;
  DeadlineTable calibration;
  read_deadlines_document(context, *document, calibration);
  const Node* table = document->find("deadlines");
  if (table == nullptr || !table->is_table()) return;
  std::vector<std::string> known;
  for (std::size_t i = 0; i < applications.size(); ++i) {
    auto& application = applications[i];
    known.push_back(application.name);
    if (own[i]) continue;
    const auto at = join_path("deadlines", application.name);
    const auto found =
        std::find_if(calibration.deadlines.begin(), calibration.deadlines.end(),
                     [&](const auto& one) { return one.first == application.name; });
    if (found != calibration.deadlines.end())
      application.deadline = found->second;
    else
      context.error(table->key_place, at, "missing", "a time for every application");
  }
  context.refuse_unknown_keys(*table, "deadlines", known);
}

std::uint32_t index_in(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? ApplicationId::none_value
                              : static_cast<std::uint32_t>(found - names.begin());
}

struct TraceReader {
  Context& context;
  std::vector<std::string> leis, applications;
  bool leis_known;
  Workload& workload;

  void add(const Node::Place& place, const std::string& path, const std::string& time, bool seconds,
           const std::string& lei, const std::string& application, double images = 0) {
    double at = 0;
    bool fine = false;
    if (seconds) {
      fine = read_number(time, at);
    } else if (const auto read = read_quantity(time, Unit::seconds); read.problem.empty()) {
      at = read.value;
      fine = true;
    }
    if (!fine || at < 0)
      return context.error(place, path, fmt::format("'{}' is not a time", time),
                           seconds ? "seconds since the run began, at least 0"
                                   : "a time since the run began, such as \"12.5 s\"");
    Workload::Recorded entry{Seconds(at), LeiId(index_in(leis, lei)),
                             ApplicationId(index_in(applications, application)), images};
    if (leis_known && !entry.lei.valid())
      return context.error(place, path, fmt::format("there is no LEI '{}'", lei),
                           "the name of a LEI of the platform");
    if (!entry.application.valid())
      return context.error(place, path, fmt::format("there is no application '{}'", application),
                           "the name of an application of this workload");
    workload.trace.push_back(entry);
  }

  static constexpr double most_images = 1e12; ///< as of an application
  void refuse_images(const Node::Place& place, const std::string& path, const std::string& what) {
    context.error(place, path, fmt::format("{} is no number of images", what),
                  "inferences of this task, a plain number from 1 to 1e+12");
  }

  /// Columns time_s, lei, application and perhaps images; that header in the first line.
  void read_csv(const std::string& text, unsigned file, const std::string& path) {
    unsigned line = 0;
    bool sized = false;
    std::size_t at = 0;
    while (at < text.size()) {
      const auto end = std::min(text.find('\n', at), text.size());
      std::string row = text.substr(at, end - at);
      at = end + 1;
      ++line;
      if (!row.empty() && row.back() == '\r') row.pop_back();
      const Node::Place place{file, line, 1};
      if (line == 1) {
        sized = row == "time_s,lei,application,images";
        if (sized || row == "time_s,lei,application") continue;
        return context.error(place, path, "not a recorded trace",
                             "the header time_s,lei,application or time_s,lei,application,images");
      }
      if (row.empty()) continue;
      std::vector<std::string> cells;
      for (std::size_t from = 0; from <= row.size();) {
        const auto comma = std::min(row.find(',', from), row.size());
        cells.push_back(row.substr(from, comma - from));
        from = comma + 1;
      }
      double images = 0;
      if (cells.size() < (sized ? 4 : 3))
        context.error(place, path, sized ? "fewer than four columns" : "fewer than three columns",
                      sized ? "time_s,lei,application,images" : "time_s,lei,application");
      else if (sized && (!read_number(cells[3], images) || images < 1 || images > most_images))
        refuse_images(place, path, fmt::format("'{}'", cells[3]));
      else
        add(place, path, cells[0], true, cells[1], cells[2], images);
    }
  }

  void read_array(const Node& node, const std::string& path) {
    for (const auto& item : node.items) {
      const auto& parts = item.items;
      const bool fine = item.is_array() && (parts.size() == 3 || parts.size() == 4) &&
                        std::all_of(parts.begin(), parts.begin() + 3,
                                    [](const Node& n) { return n.is_text(); });
      if (!fine) {
        context.error(item.place, path, "not an entry of a trace",
                      "[\"12.5 s\", \"lei1\", \"resnet18\"]: time, LEI, application, and perhaps "
                      "the task's number of images");
        continue;
      }
      double images = 0;
      if (parts.size() == 4) {
        images = parts[3].number; // 0 of what is no number
        if (!(images >= 1 && images <= most_images)) {
          refuse_images(parts[3].place, path, std::string(describe(parts[3].kind)));
          continue;
        }
      }
      add(item.place, path, parts[0].text, false, parts[1].text, parts[2].text, images);
    }
  }
};

} // namespace

void read_deadlines_document(Context& context, const Node& document, DeadlineTable& out) {
  read_fields(context, document, "", calibration_fields(), out, {"deadlines"});
  const Node* table = document.find("deadlines");
  if (table == nullptr) {
    context.error(document.place, "deadlines", "missing", "a table of one time per application");
    return;
  }
  if (!expect_table(context, *table, "deadlines")) return;
  for (const auto& [name, node] : table->entries) {
    Application application;
    deadline_field().read(context, node, join_path("deadlines", name), application);
    out.deadlines.emplace_back(name, application.deadline);
  }
}

Workload read_workload_table(Context& context, const Search& search, const std::string& scenario,
                             const Node& table, const std::string& path,
                             const Federation* federation) {
  Workload workload;
  workload.name = "workload";
  if (!expect_table(context, table, path)) return workload;
  read_fields(context, table, path, workload_fields(), workload,
              {"applications", "deadlines", "trace"});

  const Node* applications = table.find("applications");
  const auto at = join_path(path, "applications");
  if (applications == nullptr || (applications->is_table() && applications->entries.empty())) {
    context.error(applications == nullptr ? table.place : applications->place, at, "missing",
                  fmt::format("at least one application, such as [{}.resnet18]", at));
    return workload;
  }
  if (!expect_table(context, *applications, at)) return workload;
  std::vector<bool> own_deadline;
  double weights = 0;
  for (const auto& [name, node] : applications->entries) {
    const auto here = join_path(at, name);
    Application application;
    Node key;
    key.kind = Node::Kind::text;
    key.text = name;
    key.place = node.key_place;
    if (!read_name_node(context, key, here, application.name)) continue;
    if (!expect_table(context, node, here)) continue;
    read_fields(context, node, here, application_fields(), application);
    weights += application.weight;
    own_deadline.push_back(node.find("deadline") != nullptr);
    workload.applications.push_back(std::move(application));
  }
  if (weights <= 0 && !context.failed())
    context.error(applications->key_place, at, "all weights are 0", "a weight above 0");

  if (const Node* deadlines = table.find("deadlines"))
    read_deadlines(context, search, scenario, *deadlines, join_path(path, "deadlines"),
                   own_deadline, workload.applications);

  if (const Node* trace = table.find("trace")) {
    const auto trace_path = join_path(path, "trace");
    TraceReader reader{context, {}, {}, federation != nullptr, workload};
    for (const auto& application : workload.applications)
      reader.applications.push_back(application.name);
    if (federation != nullptr)
      for (const auto& lei : federation->leis) reader.leis.push_back(lei.name);
    if (trace->is_array()) {
      reader.read_array(*trace, trace_path);
    } else if (const auto file =
                   find_file(context, search, scenario, *trace, trace_path, "workloads", ".csv");
               !file.empty()) {
      const unsigned index = context.add_file(file);
      if (const auto text = load_text(context, file, index))
        reader.read_csv(*text, index, trace_path);
    }
  }
  return workload;
}

} // namespace lair
