#include "detectors/arima_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace lair {
namespace {

constexpr int most_steps = 20, most_halvings = 12;
constexpr double enough = 1e-7; ///< a step that wins a smaller share of the sum is the last
/// A share's noise that is none: 1e-9 squared, for each residual.
constexpr double exact = 1e-18;
constexpr double damping = 1e-9; ///< of the diagonal: phi and theta are one where nothing tells them apart
constexpr double flops_per_sample = 40;

using Vector = std::array<double, 3>; ///< c, phi, theta

struct Sums {
  double squares = 0;
  std::array<Vector, 3> normal{}; ///< J'J
  Vector gradient{};              ///< J'e
  double last = 0;                ///< e of the last sample
};

Sums evaluate(std::span<const double> d, const Vector& p, std::vector<double>* residuals = nullptr) {
  Sums sums;
  double e = 0;
  Vector slope{};
  for (std::size_t t = 1; t < d.size(); ++t) {
    const Vector now{-1 - p[2] * slope[0], -d[t - 1] - p[2] * slope[1], -e - p[2] * slope[2]};
    e = d[t] - p[0] - p[1] * d[t - 1] - p[2] * e;
    slope = now;
    if (residuals != nullptr) residuals->push_back(e);
    sums.squares += e * e;
    for (std::size_t i = 0; i < 3; ++i) {
      sums.gradient[i] += slope[i] * e;
      for (std::size_t j = 0; j < 3; ++j) sums.normal[i][j] += slope[i] * slope[j];
    }
  }
  sums.last = e;
  return sums;
}

/// Solves A x = b by elimination with pivots; false if A is singular.
bool solve(std::array<Vector, 3> a, Vector b, Vector& x) {
  for (std::size_t k = 0; k < 3; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < 3; ++i)
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    if (!(std::abs(a[pivot][k]) > 1e-300)) return false;
    std::swap(a[k], a[pivot]);
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < 3; ++i) {
      const double factor = a[i][k] / a[k][k];
      for (std::size_t j = k; j < 3; ++j) a[i][j] -= factor * a[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = 3; k-- > 0;) {
    double rest = b[k];
    for (std::size_t j = k + 1; j < 3; ++j) rest -= a[k][j] * x[j];
    x[k] = rest / a[k][k];
  }
  return std::isfinite(x[0]) && std::isfinite(x[1]) && std::isfinite(x[2]);
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double deviation(std::vector<double> values) {
  const double centre = median(values);
  for (double& value : values) value = std::abs(value - centre);
  return median(std::move(values));
}

/// Least squares of d_t on 1 and d_(t-1): where Gauss-Newton starts.
Vector start(std::span<const double> d) {
  const double n = static_cast<double>(d.size() - 1);
  double x = 0, y = 0, xx = 0, xy = 0;
  for (std::size_t t = 1; t < d.size(); ++t) x += d[t - 1], y += d[t];
  x /= n, y /= n;
  for (std::size_t t = 1; t < d.size(); ++t) {
    xx += (d[t - 1] - x) * (d[t - 1] - x);
    xy += (d[t - 1] - x) * (d[t] - y);
  }
  const double phi = xx > exact ? std::clamp(xy / xx, -arima_bound, arima_bound) : 0;
  return {y - phi * x, phi, 0};
}

} // namespace

ArimaForecast arima_forecast(std::span<const double> series) {
  ArimaForecast out;
  if (series.empty()) return out;
  out.next = series.back();
  std::vector<double> d;
  for (std::size_t t = 1; t < series.size(); ++t) d.push_back(series[t] - series[t - 1]);
  if (series.size() < arima_least) {
    out.spread = deviation(std::move(d));
    return out;
  }
  Vector p = start(d);
  Sums sums = evaluate(d, p);
  const double none = exact * static_cast<double>(d.size());
  bool done = sums.squares <= none;
  for (int step = 0; step < most_steps && !done; ++step) {
    std::array<Vector, 3> normal = sums.normal;
    for (std::size_t i = 0; i < 3; ++i) normal[i][i] += damping * normal[i][i] + 1e-15;
    Vector change{};
    if (!solve(normal, sums.gradient, change)) break;
    double length = 1;
    Sums next;
    Vector tried{};
    int halvings = 0;
    for (; halvings < most_halvings; ++halvings, length /= 2) {
      for (std::size_t i = 0; i < 3; ++i) tried[i] = p[i] - length * change[i];
      for (const std::size_t i : {1, 2}) tried[i] = std::clamp(tried[i], -arima_bound, arima_bound);
      next = evaluate(d, tried);
      out.flops += flops_per_sample * static_cast<double>(d.size());
      if (next.squares <= sums.squares) break;
    }
    if (halvings == most_halvings) {
      done = true; // no way down from here
      break;
    }
    done = next.squares <= none || sums.squares - next.squares <= enough * sums.squares;
    p = tried;
    sums = next;
  }
  std::vector<double> residuals;
  if (done) (void)evaluate(d, p, &residuals);
  else residuals = d;
  out.spread = deviation(std::move(residuals));
  out.flops += 2 * flops_per_sample * static_cast<double>(d.size());
  if (!done) return out;
  out.fitted = true;
  out.c = p[0], out.phi = p[1], out.theta = p[2];
  out.next = series.back() + p[0] + p[1] * d.back() + p[2] * sums.last;
  return out;
}

} // namespace lair
