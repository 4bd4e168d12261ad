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
    if (context_.has_twin()) look_ahead(seen, own->hosts[0]);
    for (const auto& task : seen.tasks()) {
      if (!lair::is_primary(task) || task.state != LAIR_TASK_RUNNING) continue;
      out.replicate(task.id, own->hosts[own->count - 1]);
      if (task.copies > 1) out.cancel(task.id, task.host);
      if (task.store_count == 0) out.checkpoint(task.id, own->hosts[0], 30);
      out.vote(task.id, 1 + task.digests_equal % 1);
    }
    for (const auto& task : seen.tasks())
      if (task.state == LAIR_TASK_RUNNING && task.host != own->hosts[0]) {
        out.migrate(task.id, own->hosts[0]);
        return;
      }
  }
  void learn(const lair::Observation&, const lair::Observation&) override { learned_ += 1e-3; }

private:
  /// Everything that a lent twin can do, with what must hold of it.
  void look_ahead(const lair::Observation& seen, std::uint32_t host) {
    lair::TwinView twin = context_.twin(seen);
    const auto base = twin.forecast({});
    for (const auto& report : seen.reports())
      for (const auto& task : lair::Observation::tasks_of(report)) {
        const auto trial = twin.try_move(task.id, host);
        for (std::size_t i = 0; i < trial.rows.size(); ++i)
          if (trial.rows[i] >= seen.hosts().size() || trial.state(i).size() != LAIR_METRICS)
            throw std::runtime_error("touched rows are none of the observation's");
        if (task.state == LAIR_TASK_RUNNING)
          twin.accept();
        else
          twin.undo();
      }
    if (twin.forecast({}).energy != base.energy) throw std::runtime_error("the base has changed");
    for (std::uint32_t step = 1; step < 3; ++step) {
      const lair::Observation next = twin.advance();
      if (next.interval() != seen.interval() + step || next.hosts().size() != seen.hosts().size())
        throw std::runtime_error("this is not the next interval");
      twin.forecast({});
    }
    twin = context_.twin(seen); // back to where it began
    if (twin.forecast({}).energy != base.energy) throw std::runtime_error("it forgets what it saw");
  }

  double gain_, learned_ = 0;
  lair::PolicyContext& context_;
};

LAIR_POLICY(Good, "good", "2.1", "a policy that keeps every rule", "tests")
