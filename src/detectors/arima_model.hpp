/// ARIMA(1,1,1) of a short series, by conditional least squares:
///
///     d_t = u_t - u_(t-1),  e_t = d_t - c - phi d_(t-1) - theta e_(t-1),  e = 0 before the first one,
///
/// with the sum of e_t^2 made small by at most 20 Gauss-Newton steps, |phi|, |theta| <= 0.98.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lair {

struct ArimaForecast {
  double next = 0;      ///< of the step after the last one
  bool fitted = false;  ///< false: persistence, since the series is too short or no step led to an end
  double c = 0, phi = 0, theta = 0;
  double spread = 0;    ///< median absolute deviation of the residuals
  double flops = 0;
};

inline constexpr std::size_t arima_least = 8; ///< samples; fewer are not fitted
inline constexpr double arima_bound = 0.98;

/// Not clipped: a share is the caller's to bound.
ArimaForecast arima_forecast(std::span<const double> series);

} // namespace lair
