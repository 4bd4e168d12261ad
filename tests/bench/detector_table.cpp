// Detectors on recorded traces, against the truth of the interval that begins, as a run's metrics have it:
// rankings and labels. One line of CSV per trace.
//   detector_table NAME[:OPTION=VALUE...] TRACE...
// The first of the trace's intervals are judged like the others: thresholds that begin with a model's scores
// are ready then, others not yet.
#include "core/detection_metrics.hpp"
#include "core/error.hpp"
#include "policy/builtin.hpp"
#include "trace/replay.hpp"
#include "trace/trace.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

using namespace lair;

namespace {

using Rows = std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<trace::JudgedHost>>;

void report(const std::string& test, const std::string& detector, const trace::Trace& trace,
            const std::vector<trace::JudgedHost>& judged) {
  const std::size_t hosts = trace.origin().hosts.size();
  Rows rows; // by run and interval: a ranking is of one interval's hosts
  for (const auto& one : judged) rows[{one.run, one.interval}].push_back(one);
  DetectionMetrics metrics(hosts * trace.seeds().size());
  for (const auto& [when, row] : rows) {
    for (const auto& one : row)
      metrics.add(when.first * hosts + one.host, one.faulty, one.label, one.score);
    metrics.end_interval();
  }
  const auto raw = metrics.raw(), adjusted = metrics.adjusted();
  const auto name = test.substr(test.rfind('/') + 1);
  std::printf("%s,%s", name.substr(0, name.rfind('.')).c_str(), detector.c_str());
  for (const auto& of : {raw, adjusted})
    std::printf(",%.4f,%.4f,%.4f,%.4f,%.4f", of.aupr, of.auroc, of.labels.f1(), of.labels.precision(),
                of.labels.recall());
  std::printf("\n");
  std::fflush(stdout);
}

int table(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "detector_table NAME[:OPTION=VALUE...] TRACE...\n");
    return 2;
  }
  const std::string asked = arguments[1];
  std::string name;
  trace::ReplayOptions options;
  for (std::size_t at = 0; at <= asked.size();) {
    const std::size_t end = std::min(asked.find(':', at), asked.size());
    const std::string part = asked.substr(at, end - at);
    const std::size_t equals = part.find('=');
    if (at == 0) name = part;
    else options.options.emplace_back(part.substr(0, equals), part.substr(std::min(equals, part.size() - 1) + 1));
    at = end + 1;
  }
  const auto all = builtin_detectors();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return name == one.name; });
  if (found == all.end()) throw InputError("", "", "there is no detector '" + name + "'", "lair list detectors");
  for (int i = 2; i < count; ++i) {
    const trace::Trace trace = trace::Trace::read(arguments[i]);
    report(arguments[i], asked, trace, trace::replay(trace, found->create, options));
  }
  return 0;
}

} // namespace

int main(int count, char** arguments) {
  try {
    return table(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "detector_table: %s\n", error.what());
    return 1;
  }
}
