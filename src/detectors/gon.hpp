/// Detector `gon`: DRAGON's (IEEE TNSM 2022, Alg. 2, lines 4 to 7 and 15 to 16). The network generates the
/// window that it believes in, the twin says what is coming, and a host is anomalous by how far it
/// will be above what was generated. docs/dragon.md has every choice that the paper leaves open.
#pragma once

#include "detectors/host_thresholds.hpp"
#include "learn/inner_loop.hpp"
#include "learn/model_file.hpp"
#include "learn/sample_builder.hpp"
#include "learn/trainer.hpp"

#include <lair/policy.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace lair {

/// The options that a model may bring values for (its manifest's `detector`).
inline constexpr std::array<std::string_view, 18> usual_options{
    "climber", "epsilon",     "fine_tune", "first", "graph",   "judged", "level",
    "probe_every", "probes",  "rate",      "restart", "risk",  "rows",   "score",
    "small",   "start",       "steps",     "tune_rate"};

class GonDetector : public Detector {
public:
  explicit GonDetector(PolicyContext& context);
  void detect(const Observation&, Actions placement, Detection& out) override;
  void learn(const Observation& before, const Observation& after) override;

private:
  enum class Start { window, noise, forecast };
  enum class Judged { forecast, observed };
  enum class Rows { last, window };
  enum class Score {
    residual,  ///< eq. 13
    likelihood ///< -log D of the judged state, as the GON that the paper builds on is scored
  };

  /// What the Fig. 10 ablations leave out; each is also an option of its own.
  enum class Ablation { none, window_init, adahessian, topology };

  static Ablation ablation_of(PolicyContext&);
  learn::Model model_of(PolicyContext&) const;
  /// What an option is if the scenario does not say: the model's own, else `otherwise`.
  std::string usual(const char* option, const char* otherwise) const;
  double usual(const char* option, double otherwise) const;
  /// What generation made of one moment.
  struct Generated {
    learn::Matrix window;
    std::vector<double> likelihood; ///< -log D of the judged state, per own host; empty if not asked for
  };
  /// The window that the network believes in. Charges its work.
  Generated generate(const learn::Sample&, const Observation&, const double* forecast,
                     std::uint64_t seed);
  /// Of the own hosts, at one step of looking ahead.
  struct Judgement {
    std::vector<double> scores;
    std::vector<double> above; ///< norm of the raw residuals, in shares of the training ranges
    std::vector<std::vector<double>> expected; ///< LAIR_METRICS each
    std::vector<bool> known;
  };
  Judgement judge(const Observation&, const std::vector<double>& forecast, const Generated&) const;
  std::vector<double> shares_of_ranges() const;
  std::vector<double> scale_of(const Judgement&, std::uint32_t row, double threshold,
                               bool label) const;
  void look_ahead(TwinView, std::uint64_t seed, std::vector<Judgement>& later);
  std::vector<double> expected_of(const learn::Matrix& generated, std::uint32_t row,
                                  const double* otherwise) const;
  learn::Matrix start_of(const learn::Sample&, const Observation&, const double* forecast,
                         std::uint64_t seed) const;
  learn::Matrix window_with_forecast(const learn::Sample&, const Observation&,
                                     const double* forecast) const;
  double score(const Observation&, std::uint32_t row, const Host&, const double* next,
               const learn::Matrix& generated) const;

  // In the order in which the options are read.
  Ablation ablation_;
  std::uint32_t look_ahead_;
  learn::Model model_;
  learn::InnerOptions inner_;
  Start start_;
  Judged judged_;
  Rows rows_;
  Score score_;
  learn::GraphFeatures graph_;
  HostThresholds thresholds_;
  bool fine_tune_;
  double tune_rate_;

  learn::SampleBuilder builder_;
  learn::TaskHistory history_;
  std::optional<learn::Learner> learner_;
  /// What was judged last: learn() compares it with what came.
  std::optional<learn::Sample> sample_;
  Generated generated_;
  double forward_flops_ = 0; ///< of one evaluation of D, G and S included
};

} // namespace lair
