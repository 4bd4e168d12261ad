// How well anomalous hosts are told apart: DRAGON's network, untrained, trained as printed and trained our
// way, beside PCA, 1-NN and plain metrics over the same windows. The tables of results/reference/detection.
//   detection_study WAY SEED TRAINING.trace[,...] TEST.trace...
// WAY: untrained, printed, untrained-contrast, contrast; or simple, simple-six, simple-linear (no network:
// the metrics and curve of contrast, of printed, and the nine metrics on a linear scale). One line of CSV
// per test trace and score. Judged is the twin's forecast of the interval that begins. Rankings only:
// where to put a threshold is another question.
#include "core/detection_metrics.hpp"
#include "core/error.hpp"
#include "core/random.hpp"
#include "learn/trace_samples.hpp"
#include "learn/trainer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <vector>

using namespace lair;
using namespace lair::learn;

namespace {

struct Way {
  NetworkOptions network;
  GraphFeatures graph = GraphFeatures::all;
  Curve curve = Curve::linear;
  TrainOptions training;
  InnerOptions inner; ///< of scoring
  bool from_forecast = false; ///< generation starts at the window with the forecast as its last state
};

/// scripts/train-models says the same.
Way way_of(const std::string& name) {
  Way way;
  if (name == "printed" || name == "untrained" || name == "simple-six") return way;
  way.network.metrics = {LAIR_CPU,       LAIR_CPU_PRESSURE, LAIR_RAM,
                         LAIR_SWAP,      LAIR_DISK_READ,    LAIR_DISK_WRITE,
                         LAIR_NET_IN,    LAIR_NET_OUT,      LAIR_IO_WAIT};
  if (name == "simple-linear") return way;
  way.network.window = name == "simple" ? 10 : 1;
  way.graph = GraphFeatures::peers;
  way.curve = Curve::knee;
  way.training.spoilt = 0.3;
  way.training.generate = false;
  way.training.adam.rate = 1e-3;
  way.training.epochs = way.training.patience = 30;
  way.inner.rate = 0.03;
  way.inner.epsilon = 1;
  way.from_forecast = true;
  return way;
}

using Scores = std::vector<std::vector<double>>; ///< per sample, per own host
using Points = std::vector<std::vector<double>>;
using Traces = std::vector<trace::Trace>;

/// Samples with their forecast states, normalised and at most 10 training ranges large.
struct Data {
  std::vector<TraceSample> samples;
  std::vector<Points> judged; ///< per sample and host

  Data(const Traces& traces, const Way& way, const Normalisation& ranges) {
    for (const trace::Trace& trace : traces)
      for (TraceSample& one : samples_of(trace, way.network, ranges, way.graph))
        samples.push_back(std::move(one));
    for (const TraceSample& one : samples) {
      judged.emplace_back();
      for (std::size_t h = 0; h < one.hosts.size(); ++h) {
        judged.back().emplace_back();
        for (std::size_t m = 0; m < way.network.metrics.size(); ++m)
          judged.back().back().push_back(std::min(
              10.0, ranges.to_unit(m, one.forecast[h * LAIR_METRICS + way.network.metrics[m]])));
      }
    }
  }

  /// The window of a host, one state later: the forecast as its last state.
  std::vector<double> window(std::size_t i, std::size_t h, std::size_t features) const {
    const float* from = samples[i].sample.window.data() + h * features;
    const auto& last = judged[i][h];
    std::vector<double> window(from + last.size(), from + features);
    window.insert(window.end(), last.begin(), last.end());
    return window;
  }
  Matrix windows(std::size_t i, const NetworkOptions& network) const {
    Matrix z = window_of(samples[i].sample, network);
    for (std::size_t h = 0; h < samples[i].sample.hosts; ++h) {
      const auto window = this->window(i, h, network.features());
      for (std::size_t j = 0; j < window.size(); ++j)
        z(h, j) = static_cast<float>(std::clamp(window[j], 0.0, 1.0));
    }
    return z;
  }
};

void report(const std::string& test, const std::string& way, unsigned seed, const char* score,
            const Data& data, const Scores& scores) {
  // By run and interval: a ranking is of one interval's hosts, segments are of one run's hosts.
  using Row = std::vector<std::tuple<std::size_t, bool, double>>;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Row> rows;
  std::size_t hosts = 0, runs = 0;
  for (std::size_t i = 0; i < data.samples.size(); ++i) {
    const TraceSample& one = data.samples[i];
    runs = std::max<std::size_t>(runs, one.run + 1);
    for (std::size_t h = 0; h < one.hosts.size(); ++h) {
      hosts = std::max<std::size_t>(hosts, one.hosts[h] + 1);
      rows[{one.run, one.interval}].emplace_back(one.hosts[h], one.faulty[h], scores[i][h]);
    }
  }
  DetectionMetrics metrics(hosts * runs);
  for (const auto& [when, row] : rows) {
    for (const auto& [host, truth, value] : row)
      metrics.add(when.first * hosts + host, truth, false, value);
    metrics.end_interval();
  }
  const auto raw = metrics.raw(), adjusted = metrics.adjusted();
  const auto name = test.substr(test.rfind('/') + 1);
  std::printf("%s,%s,%u,%s,%.4f,%.4f,%.4f,%.4f,%.4f,%.4f\n",
              name.substr(0, name.rfind('.')).c_str(), way.c_str(), seed, score, raw.aupr, raw.auroc,
              raw.hit_rate, raw.ndcg, adjusted.aupr, adjusted.auroc);
  std::fflush(stdout);
}

Weights weights_of(const Way& way, unsigned seed, const Data& data, bool learn) {
  RandomStream random(seed, "weights");
  TrainingState fresh;
  fresh.weights = initial_weights(way.network, random);
  if (!learn) return fresh.weights;
  // Of every run the last fifth of the intervals validates, as in `lair train`.
  std::uint32_t intervals = 0;
  for (const TraceSample& one : data.samples) intervals = std::max(intervals, one.interval + 1);
  std::vector<Sample> training, validation;
  for (const TraceSample& one : data.samples) {
    if (one.interval < intervals * 4 / 5) training.push_back(one.sample);
    else if (one.interval >= intervals * 4 / 5 + way.network.window) validation.push_back(one.sample);
  }
  TrainOptions options = way.training;
  options.seed = seed;
  Trainer trainer(way.network, options, training, validation, std::move(fresh));
  while (trainer.run_epoch()) {
    const Epoch& e = trainer.history().back();
    std::fprintf(stderr, "seed %u epoch %u: real %.3f fake %.3f spoilt %.3f, %.0f steps\n", seed,
                 e.number, e.validation.real, e.validation.fake, e.validation.spoilt, e.climb_steps);
  }
  return trainer.best();
}

void judge(const std::string& test, const std::string& name, unsigned seed, const Way& way,
           const Weights& weights, const Data& data) {
  const PackedNetwork packed(way.network, weights);
  const std::size_t features = way.network.features(), metrics = way.network.metric_count();
  Scores residual, unlikely;
  for (std::size_t i = 0; i < data.samples.size(); ++i) {
    const Sample& sample = data.samples[i].sample;
    ScoreSurface surface(packed, sample);
    const Matrix coming = data.windows(i, way.network);
    surface.value(coming);
    unlikely.emplace_back();
    for (std::size_t h = 0; h < sample.hosts; ++h) {
      double sum = 0;
      for (std::size_t j = features - metrics; j < features; ++j)
        sum -= std::log(std::max(1e-30, static_cast<double>(surface.validity()(h, j))));
      unlikely.back().push_back(sum);
    }
    Matrix z = way.from_forecast ? coming : window_of(sample, way.network);
    climb(surface, sample, way.inner, i, z);
    residual.emplace_back();
    for (std::size_t h = 0; h < sample.hosts; ++h) {
      double squares = 0;
      for (std::size_t m = 0; m < metrics; ++m) {
        const double above = std::max(0.0, data.judged[i][h][m] - z(h, features - metrics + m));
        squares += above * above;
      }
      residual.back().push_back(std::sqrt(squares));
    }
  }
  report(test, name, seed, "residual", data, residual);
  report(test, name, seed, "likelihood", data, unlikely);
}

/// Eigenvectors of a symmetric matrix by Jacobi's rotations, largest eigenvalue first.
std::vector<std::pair<double, std::vector<double>>> eigen(Points a) {
  const std::size_t n = a.size();
  Points v(n, std::vector<double>(n));
  for (std::size_t i = 0; i < n; ++i) v[i][i] = 1;
  const auto rotate = [](double& x, double& y, double c, double s) {
    const double before = x;
    x = c * before - s * y;
    y = s * before + c * y;
  };
  for (int sweep = 0; sweep < 30; ++sweep)
    for (std::size_t p = 0; p < n; ++p)
      for (std::size_t q = p + 1; q < n; ++q) {
        if (std::abs(a[p][q]) < 1e-15) continue;
        const double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        const double t = (theta < 0 ? -1 : 1) / (std::abs(theta) + std::sqrt(theta * theta + 1));
        const double c = 1 / std::sqrt(t * t + 1), s = t * c;
        for (std::size_t k = 0; k < n; ++k) rotate(a[k][p], a[k][q], c, s);
        for (std::size_t k = 0; k < n; ++k) rotate(a[p][k], a[q][k], c, s);
        for (std::size_t k = 0; k < n; ++k) rotate(v[k][p], v[k][q], c, s);
      }
  std::vector<std::pair<double, std::vector<double>>> out;
  for (std::size_t i = 0; i < n; ++i) {
    out.push_back({a[i][i], {}});
    for (std::size_t k = 0; k < n; ++k) out.back().second.push_back(v[k][i]);
  }
  std::sort(out.begin(), out.end(), [](auto& x, auto& y) { return x.first > y.first; });
  return out;
}

/// Reconstruction error of a principal subspace that holds 95 % of the variance of the training points.
class Pca {
public:
  explicit Pca(const Points& training) : mean_(training.front().size()) {
    const std::size_t n = mean_.size();
    for (const auto& x : training)
      for (std::size_t j = 0; j < n; ++j) mean_[j] += x[j] / static_cast<double>(training.size());
    Points covariance(n, std::vector<double>(n));
    for (const auto& x : training)
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j)
          covariance[i][j] += (x[i] - mean_[i]) * (x[j] - mean_[j]);
    double all = 0, kept = 0;
    const auto found = eigen(covariance);
    for (const auto& [value, vector] : found) all += value;
    for (const auto& [value, vector] : found) {
      if (kept >= 0.95 * all) break;
      kept += value;
      components_.push_back(vector);
    }
  }
  double operator()(const std::vector<double>& x) const {
    std::vector<double> rest(x);
    for (std::size_t j = 0; j < rest.size(); ++j) rest[j] -= mean_[j];
    const std::vector<double> centred(rest);
    for (const auto& component : components_) {
      double along = 0;
      for (std::size_t j = 0; j < rest.size(); ++j) along += centred[j] * component[j];
      for (std::size_t j = 0; j < rest.size(); ++j) rest[j] -= along * component[j];
    }
    double squares = 0;
    for (const double r : rest) squares += r * r;
    return std::sqrt(squares);
  }

private:
  std::vector<double> mean_;
  Points components_;
};

/// Distance to the nearest of the training points.
double nearest(const Points& training, const std::vector<double>& x) {
  double best = std::numeric_limits<double>::infinity();
  for (const auto& point : training) {
    double squares = 0;
    for (std::size_t j = 0; j < x.size() && squares < best; ++j)
      squares += (x[j] - point[j]) * (x[j] - point[j]);
    best = std::min(best, squares);
  }
  return std::sqrt(best);
}

template <class Score> Scores each(const Data& data, const Score& score) {
  Scores out;
  for (std::size_t i = 0; i < data.samples.size(); ++i) {
    out.emplace_back();
    for (std::size_t h = 0; h < data.samples[i].hosts.size(); ++h) out.back().push_back(score(i, h));
  }
  return out;
}

void simple(const std::string& name, const Way& way, const Data& clean,
            const std::vector<std::pair<std::string, Data>>& tests) {
  const std::size_t features = way.network.features();
  Points windows, states;
  for (std::size_t i = 0; i < clean.samples.size(); ++i)
    for (std::size_t h = 0; h < clean.samples[i].hosts.size(); ++h) {
      windows.push_back(clean.window(i, h, features));
      states.push_back(clean.judged[i][h]);
    }
  const Pca window_pca(windows), state_pca(states);
  for (const auto& one : tests) {
    const std::string& test = one.first;
    const Data& data = one.second;
    const auto put = [&](const char* score, const auto& of) {
      report(test, name, 0, score, data, each(data, of));
    };
    const auto window = [&](std::size_t i, std::size_t h) { return data.window(i, h, features); };
    put("PCA of windows", [&](auto i, auto h) { return window_pca(window(i, h)); });
    put("PCA of states", [&](auto i, auto h) { return state_pca(data.judged[i][h]); });
    put("1-NN of windows", [&](auto i, auto h) { return nearest(windows, window(i, h)); });
    put("1-NN of states", [&](auto i, auto h) { return nearest(states, data.judged[i][h]); });
    put("largest metric", [&](auto i, auto h) {
      return *std::max_element(data.judged[i][h].begin(), data.judged[i][h].end());
    });
  }
}

Traces traces_in(const std::string& list) {
  Traces traces;
  for (std::size_t at = 0; at <= list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    traces.push_back(trace::Trace::read(list.substr(at, end - at)));
    at = end + 1;
  }
  return traces;
}

int study(int count, char** arguments) {
  if (count < 5) {
    std::fprintf(stderr, "detection_study WAY SEED TRAINING.trace[,...] TEST.trace...\n");
    return 2;
  }
  const std::string name = arguments[1];
  const Way way = way_of(name);
  const auto seed = static_cast<unsigned>(std::atoi(arguments[2]));
  const Traces trainings = traces_in(arguments[3]);
  std::vector<const trace::Trace*> ranged;
  for (const trace::Trace& one : trainings) ranged.push_back(&one);
  Normalisation ranges = ranges_of(ranged, way.network.metrics);
  ranges.curve = way.curve;
  const Data clean(trainings, way, ranges);
  std::vector<std::pair<std::string, Data>> tests;
  for (int i = 4; i < count; ++i)
    tests.emplace_back(arguments[i], Data(traces_in(arguments[i]), way, ranges));
  if (name.starts_with("simple")) {
    simple(name, way, clean, tests);
    return 0;
  }
  const Weights weights = weights_of(way, seed, clean, !name.starts_with("untrained"));
  for (const auto& [test, data] : tests) judge(test, name, seed, way, weights, data);
  return 0;
}

} // namespace

int main(int count, char** arguments) {
  // As the library of learned policies does: BLAS and LibTorch choose kernels by the CPU's type.
  ::setenv("OPENBLAS_CORETYPE", "Haswell", 0);
  try {
    return study(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "detection_study: %s\n", error.what());
    return 1;
  }
}
