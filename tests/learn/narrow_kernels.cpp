// The kernels once more, for one width and hardly optimised: every lane by itself.
#include "narrow_kernels.hpp"

#define LAIR_WIDE
#define learn learn_narrow
#include "../../src/learn/kernels.cpp"

namespace narrow {

namespace k = lair::learn_narrow;

void multiply_add(const std::vector<float>& x, const std::vector<float>& w, std::vector<float>& y,
                  std::size_t rows, std::size_t inner, std::size_t cols) {
  k::Matrix a(rows, inner), b(inner, cols), c(rows, cols);
  a.data = x;
  b.data = w;
  c.data = y;
  k::multiply_add(a, b, c);
  y = c.data;
}
void tanh_of(std::vector<float>& x) { k::tanh_of(x.data(), x.size()); }
void sigmoids_of(const std::vector<float>& x, std::vector<float>& up, std::vector<float>& down) {
  k::sigmoids_of(x.data(), up.data(), down.data(), x.size());
}
void log_sigmoid_of(const std::vector<float>& x, std::vector<float>& to) {
  k::log_sigmoid_of(x.data(), to.data(), x.size());
}
void slope_tangent(const std::vector<float>& a, const std::vector<float>& back,
                   const std::vector<float>& forward, std::vector<float>& x) {
  k::tanh_slope_tangent(a.data(), back.data(), forward.data(), x.data(), x.size());
}
float step_up(const std::vector<float>& slope, const std::vector<float>& bend,
              const std::vector<float>& moves, std::vector<float>& mean, std::vector<float>& square,
              std::vector<float>& z) {
  return k::step_up({1e-2f, 0.1f, 1e-3f, 1000, 1e-4f, 0.1f}, slope.data(), bend.data(), moves.data(),
                    mean.data(), square.data(), z.data(), z.size());
}

} // namespace narrow
