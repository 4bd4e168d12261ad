/// How well a mean is known, and how many runs it takes to know it better.
#pragma once

#include <cstddef>
#include <span>

namespace lair {

/// Width (high - low) of the bootstrap 95 % interval of the mean of `values`, as a share of
/// `reference` (of |mean| if none is given). A share of 0.05 is "known to about +-2.5 %". NaN
/// without a value; infinite for one value (its interval is a point because nothing is known), and
/// if the reference is 0 while the width is not.
double relative_width(std::span<const double> values);
double relative_width(std::span<const double> values, double reference);

/// Runs that are needed for an interval of this relative width, guessed from the values that are
/// there: the smallest n >= 2 with 2 t(0.975, n - 1) s / sqrt(n) <= width * |reference|, s their
/// sample deviation (Law, Simulation Modeling and Analysis, 5th ed., section 9.4.1, with the width
/// instead of its half). As good as s is: from 10 values, s itself is known to within about
/// -30 to +80 %, and the guess to the square of that. 0 below two values; `most` if more.
std::size_t needed_runs(std::span<const double> values, double width, std::size_t most);
std::size_t needed_runs(std::span<const double> values, double reference, double width,
                        std::size_t most);

/// Quantile of Student's distribution.
double student_t_quantile(double p, double degrees_of_freedom);

} // namespace lair
