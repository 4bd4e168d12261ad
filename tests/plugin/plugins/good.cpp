// Uses everything a policy may use: all roles, options, randomness, charges, the forecast, learning.
#include <lair/policy.hpp>

class Good : public lair::Scheduler, public lair::Detector, public lair::Remediator {
public:
  static constexpr double memory_bytes = 3e6;
  explicit Good(lair::PolicyContext& context)
      : Scheduler(context), Detector(context), Remediator(context),
        gain_(context.number("gain", 1)), context_(context) {
    if (context.text("platform", context.platform()) != context.platform())
      throw std::runtime_error("made for another platform");
    context.charge_memory(1e6);
  }
  void place(const lair::Observation& seen, lair::Decision& out) override {
    const auto own = seen.own_hosts();
    for (const auto& task : seen.tasks())
      if (task.state == LAIR_TASK_QUEUED && !own.empty())
        out.place(task.id, own[context_.pick(own.size())].id);
    context_.charge_flops(10);
  }
  void detect(const lair::Observation& seen, lair::Actions placement, lair::Detection& out) override {
    const double expected[LAIR_METRICS] = {};
    const double bias = context_.forecast(placement).energy + learned_;
    for (const auto& host : seen.own_hosts()) {
      const double score = gain_ * seen.metric(host, LAIR_CPU) + bias;
      out.add(host.id, score, 0.9, score >= 0.9, expected);
    }
  }
  void decide(const lair::Observation& seen, lair::Actions, const lair::DetectionView* own,
              lair::Decision& out) override {
    if (own == nullptr || own->count == 0) return;
    for (const auto& task : seen.tasks())
      if (task.state == LAIR_TASK_RUNNING && task.host != own->hosts[0]) {
        out.migrate(task.id, own->hosts[0]);
        return;
      }
  }
  void learn(const lair::Observation&, const lair::Observation&) override { learned_ += 1e-3; }

private:
  double gain_, learned_ = 0;
  lair::PolicyContext& context_;
};

LAIR_POLICY(Good, "good", "2.1", "a policy that keeps every rule", "tests")
