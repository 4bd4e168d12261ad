#include "core/precision.hpp"

#include "core/statistics.hpp"

#include <boost/math/distributions/students_t.hpp>

#include <cmath>
#include <limits>

namespace lair {

double relative_width(std::span<const double> values, double reference) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  if (values.size() == 1) return std::numeric_limits<double>::infinity();
  const Interval interval = bootstrap_mean_interval(values);
  const double width = interval.high - interval.low;
  return width == 0 ? 0 : width / std::abs(reference); // infinite for 0
}

double relative_width(std::span<const double> values) {
  return relative_width(values, mean(values));
}

std::size_t needed_runs(std::span<const double> values, double reference, double width,
                        std::size_t most) {
  if (values.size() < 2) return 0;
  const double deviation = sample_deviation(values), allowed = width * std::abs(reference);
  const auto enough = [&](std::size_t n) {
    const auto runs = static_cast<double>(n);
    return 2 * student_t_quantile(0.975, runs - 1) * deviation / std::sqrt(runs) <= allowed;
  };
  if (most < 2 || !enough(most)) return most;
  std::size_t too_few = 1, fits = most; // the width falls with n
  while (fits - too_few > 1) {
    const std::size_t middle = too_few + (fits - too_few) / 2;
    (enough(middle) ? fits : too_few) = middle;
  }
  return fits;
}

std::size_t needed_runs(std::span<const double> values, double width, std::size_t most) {
  return needed_runs(values, mean(values), width, most);
}

double student_t_quantile(double p, double degrees_of_freedom) {
  return boost::math::quantile(boost::math::students_t(degrees_of_freedom), p);
}

} // namespace lair
