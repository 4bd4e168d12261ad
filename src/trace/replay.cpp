#include "trace/replay.hpp"

#include "core/random.hpp"

#include <map>
#include <optional>

namespace lair::trace {

namespace {

/// One broker's detector and what it is lent.
class Judge {
public:
  Judge(const Trace& trace, const Trace::Moment& at, const MakeDetector& make,
        const ReplayOptions& options)
      : random_(trace.seeds()[at.run], "policy." + std::to_string(at.lei)) {
    lair_services services{};
    services.size = sizeof services;
    services.context = this;
    services.uniform = [](void* self) { return static_cast<Judge*>(self)->random_.uniform(); };
    services.charge_flops = [](void*, double) {};
    services.charge_memory = [](void*, double) {};
    services.log = [](void*, int, const char*) {};
    services.forecast = [](void* self, const lair_action*, std::uint32_t, lair_forecast* out) {
      out->states = static_cast<Judge*>(self)->forecast_.data();
      return 0;
    };
    std::vector<lair_option> named;
    for (const auto& [name, value] : options.options) named.push_back({name.c_str(), value.c_str()});
    lair_setup setup{};
    setup.size = sizeof setup;
    setup.option_count = static_cast<std::uint32_t>(named.size());
    setup.options = named.data();
    setup.lei = at.lei;
    setup.host_total = static_cast<std::uint32_t>(trace.origin().hosts.size());
    setup.platform = trace.origin().platform.c_str();
    context_.emplace(services, setup);
    detector_ = make(*context_);
    context_->refuse_unknown_options();
  }
  Judge(const Judge&) = delete;
  Judge& operator=(const Judge&) = delete;

  void judge(const Trace& trace, std::size_t i, std::vector<JudgedHost>& out) {
    // The observation before is kept for learn().
    ObservationBuffer& seen = buffers_[turn_];
    trace.observe(i, seen);
    if (has_before_) detector_->learn(Observation(buffers_[1 - turn_].raw), Observation(seen.raw));
    has_before_ = true;
    turn_ = 1 - turn_;
    const Observation observation(seen.raw);
    keep_forecast(trace.forecast(i), observation);
    const auto placement = trace.placement(i);
    found_.clear();
    detector_->detect(observation, placement, found_);
    const lair_detection raw = found_.raw();
    const Trace::Moment at = trace.moment(i);
    for (std::uint32_t row = 0; row < raw.count; ++row) {
      const std::uint32_t host = raw.hosts[row];
      out.push_back({at.run, at.interval, host, raw.scores[row], raw.thresholds[row],
                     raw.labels[row] != 0, trace.faulty(at.run, at.interval, host),
                     at.interval > 0 && trace.faulty(at.run, at.interval - 1, host)});
    }
  }

private:
  /// The own hosts' was recorded; the others' are their newest states, which no detector judges.
  void keep_forecast(std::span<const double> own, const Observation& seen) {
    forecast_.assign(own.begin(), own.end());
    for (std::uint32_t h = seen.raw().own_count; h < seen.raw().host_count; ++h)
      for (int m = 0; m < LAIR_METRICS; ++m)
        forecast_.push_back(seen.metric(seen.hosts()[h], static_cast<lair_metric>(m)));
  }

  RandomStream random_;
  std::optional<PolicyContext> context_;
  std::unique_ptr<Detector> detector_;
  ObservationBuffer buffers_[2];
  std::size_t turn_ = 0;
  bool has_before_ = false;
  std::vector<double> forecast_;
  Detection found_;
};

} // namespace

std::vector<JudgedHost> replay(const Trace& trace, const MakeDetector& make,
                               const ReplayOptions& options) {
  std::vector<JudgedHost> out;
  std::map<std::uint32_t, std::unique_ptr<Judge>> judges; ///< by stream, of one run
  std::uint32_t run = 0;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const Trace::Moment at = trace.moment(i);
    if (at.run != run) judges.clear();
    run = at.run;
    if (at.interval < options.first || at.interval >= options.last) continue;
    auto& judge = judges[at.stream];
    if (judge == nullptr) judge = std::make_unique<Judge>(trace, at, make, options);
    judge->judge(trace, i, out);
  }
  return out;
}

} // namespace lair::trace
