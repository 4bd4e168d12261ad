/// GOBI's surrogate (COSCO, Tuli et al., IEEE TPDS 33(1), 2022): what a LEI's hosts will use and how long its
/// tasks will take, from what the hosts are doing and where the tasks are put. The paper's network reads all
/// hosts at once and so fits one number of hosts; this one reads a host at a time, with the sums of what it
/// holds and of what is placed there, so that one set of weights serves any number of hosts and tasks.
#pragma once

#include "learn/adam.hpp"
#include "learn/matrix.hpp"
#include "learn/model_file.hpp"
#include "learn/trainer.hpp"

#include <lair/policy.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace lair::learn {

/// Kind of model: sizes layer1, layer2, layer3 and horizon; its last tensor, `scale`, is what the outputs are
/// shares of: joules of a host in an interval, seconds (the horizon).
const ModelKind& gobi_kind();

/// Uniform in +-1 / sqrt(inputs), as torch's linear layers; `scale` is zeros until it is known.
Weights initial_surrogate(const NetworkOptions&, const Sizes&, RandomStream&);

/// What a task asks of a host: tasks / 4, threads per core / 4, computing left per interval of the whole host,
/// resident share of RAM. Sums of these stand in a host's row.
inline constexpr std::size_t demand_width = 4;
using Demand = std::array<float, demand_width>;
inline constexpr float tasks_per_unit = 4;

/// A host's row: its metrics in [0, 1], whether it is a broker, what it holds, what is placed on it.
struct SurrogateColumns {
  explicit SurrogateColumns(const NetworkOptions& network) : held(network.metric_count() + 1) {}
  std::size_t held;
  std::size_t placed() const { return held + demand_width; }
  std::size_t count() const { return held + 2 * demand_width; }
};

/// The row of an own host with nothing placed. Tasks that migrate count where they go, those that only send
/// their result nowhere.
void host_row(const Observation&, const Host&, const NetworkOptions&, const Normalisation&, float* row);
Demand demand_of(const Observation&, const TaskView&, const Host&);

/// Outputs and gradient, derived by hand: no torch, no BLAS, no libm, one order of every sum.
class Surrogate {
public:
  Surrogate(const NetworkOptions&, const Weights&);
  std::size_t inputs() const { return layers_.front().forward.rows; }
  /// Of each row the shares of energy (column 0) and response (1). `slopes`, unless null: of each row the
  /// gradient of seeds(row, 0) * energy + seeds(row, 1) * response with respect to the row.
  void evaluate(const Matrix& rows, const Matrix& seeds, Matrix& outputs, Matrix* slopes);
  double flops_per_row() const { return flops_; } ///< outputs and gradient
  std::size_t parameters() const { return parameters_; }

private:
  struct Layer {
    Matrix forward, back; ///< weight and its transpose
    std::vector<float> bias;
    Matrix value, slope; ///< of the rows under way
  };
  std::vector<Layer> layers_;
  double flops_ = 0;
  std::size_t parameters_ = 0;
};

/// Host-intervals: rows, what came of them, and whether there was a task whose response could be seen.
struct SurrogateData {
  std::vector<float> rows, targets, counts; ///< inputs, 2 and 1 a row
  std::size_t size() const { return counts.size(); }
};

/// Mean over the rows of the squared error of energy, and of response where counted. By torch. `gradients`,
/// if given, lie as the tensors do.
double surrogate_loss(const Weights&, const Matrix& rows, const Matrix& targets, const std::vector<float>& counts,
                      std::vector<std::vector<float>>* gradients);
/// Outputs and slopes as of Surrogate::evaluate, by torch's autograd: what it is tested against.
void surrogate_by_torch(const Weights&, const Matrix& rows, const Matrix& seeds, Matrix& outputs, Matrix& slopes);

class SurrogateTrainer : public EpochTrainer {
public:
  SurrogateTrainer(const EpochOptions&, const AdamOptions&, const SurrogateData& training,
                   const SurrogateData& validation, TrainingState);
  TrainingState state() const override { return {weights_, best(), state_, history()}; }

private:
  Losses train(Chosen, RandomStream&, double&) override;
  Losses validate(Chosen, RandomStream&) override;
  const Weights& weights() const override { return weights_; }
  double loss(const SurrogateData&, Chosen, std::vector<std::vector<float>>* gradients) const;

  AdamOptions adam_;
  const SurrogateData& training_;
  const SurrogateData& validation_;
  Weights weights_;
  AdamState state_;
};

} // namespace lair::learn
