#include "learn/score_surface.hpp"

#include "core/error.hpp"
#include "learn/kernels.hpp"

#include <cmath>

namespace lair::learn {
namespace {

/// Operations of an activation or of its derivatives, for one number: what the kernels do, rounded.
constexpr double activation_flops = 25, slope_flops = 4;

void start_from(const std::vector<float>& bias, std::size_t rows, Matrix& m) {
  m.resize(rows, bias.size());
  for (std::size_t i = 0; i < rows; ++i) std::copy(bias.begin(), bias.end(), m.row(i));
}

/// y = A x with A = D^-1 (worker-broker + broker-broker + identity): every broker is linked to its
/// workers and, within its federation, to all other brokers (section IV-C). Brokers are a clique, so
/// their sum is formed once instead of once per pair.
void apply_adjacency(const Sample& sample, const Matrix& x, Matrix& y) {
  const std::size_t cols = x.stride;
  Matrix brokers(sample.groups, x.cols);
  std::vector<float> broker_count(sample.groups, 0), degree(sample.nodes, 0);
  y.resize(x.rows, x.cols);
  for (std::uint32_t i = 0; i < sample.nodes; ++i)
    if (sample.is_broker(i)) {
      add_scaled(1, x.row(i), brokers.row(sample.node_group[i]), cols);
      ++broker_count[sample.node_group[i]];
    }
  for (std::uint32_t i = 0; i < sample.nodes; ++i) {
    if (sample.is_broker(i)) {
      add_scaled(1, brokers.row(sample.node_group[i]), y.row(i), cols);
      degree[i] += broker_count[sample.node_group[i]];
    } else {
      add_scaled(1, x.row(i), y.row(i), cols);
      ++degree[i];
      if (sample.is_isolated(i)) continue;
      const std::uint32_t hub = sample.hub[i];
      add_scaled(1, x.row(hub), y.row(i), cols);
      ++degree[i];
      add_scaled(1, x.row(i), y.row(hub), cols);
      ++degree[hub];
    }
  }
  for (std::uint32_t i = 0; i < sample.nodes; ++i)
    for (std::size_t j = 0; j < cols; ++j) y.row(i)[j] /= degree[i];
}

} // namespace

ScoreSurface::ScoreSurface(const PackedNetwork& network, const Sample& sample)
    : network_(network), sample_(sample) {
  const NetworkOptions& options = network.options;
  const std::size_t rows = sample.rows(), d = options.width, metrics = options.metric_count();
  LAIR_ASSERT(sample.window.size() == rows * options.features() &&
                  sample.present.size() == rows * metrics &&
                  sample.node_inputs.size() == std::size_t(sample.nodes) * options.node_inputs(),
              "a sample of another network");
  embed_graph();
  if (options.topology) attend();

  start_from(network.window[0].bias, rows, first_constant_);
  wanted_.resize(rows, options.features());
  for (std::size_t i = 0; i < rows; ++i) {
    const float* present = sample.present.data() + i * metrics;
    for (std::size_t j = 0; j < metrics; ++j)
      add_scaled(present[j], network.window_rest.row(j), first_constant_.row(i), d);
    if (i >= sample.hosts)
      add_scaled(1, network.window_rest.row(metrics), first_constant_.row(i), d);
    for (std::size_t j = 0; j < options.features(); ++j) wanted_(i, j) = present[j % metrics];
  }
  encode_schedule();

  group_rows_.assign(sample.groups, 0);
  for (const std::uint32_t group : sample.row_group) ++group_rows_[group];
  if (options.head == Head::scalar) {
    counted_.resize(sample.groups, 1);
    for (std::size_t g = 0; g < sample.groups; ++g) counted_(g, 0) = group_rows_[g] > 0 ? 1 : 0;
  } else {
    counted_ = wanted_;
  }
  for (const float one : counted_.data) terms_ += one;
  for (auto* stack : {&window_, &hidden_, &window_back_, &hidden_back_, &window_forward_,
                      &hidden_forward_, &window_dot_, &hidden_dot_})
    stack->assign(options.depth, Matrix(rows, d));
  host_rows_.resize(sample.hosts, d);
  mixed_.resize(sample.hosts, d);
  context_.resize(sample.hosts, d);
  context_back_.resize(sample.hosts, d);
  sloped_.resize(rows, d);
  tangent_.resize(rows, d);
}

void ScoreSurface::multiply_add_counted(const Matrix& x, const Matrix& w, Matrix& y) {
  multiply_add(x, w, y);
  flops_ += 2.0 * static_cast<double>(x.rows) * static_cast<double>(x.cols) *
            static_cast<double>(w.cols);
}

void ScoreSurface::activate(Matrix& m) {
  if (network_.options.activation == Activation::tanh) tanh_of(m.data.data(), m.data.size());
  else relu_of(m.data.data(), m.data.size());
  flops_ += activation_flops * static_cast<double>(m.rows * m.cols);
}

void ScoreSurface::times_slope(const Matrix& activated, Matrix& m) {
  if (network_.options.activation == Activation::tanh)
    times_tanh_slope(activated.data.data(), m.data.data(), m.data.size());
  else
    times_relu_slope(activated.data.data(), m.data.data(), m.data.size());
  flops_ += slope_flops * static_cast<double>(m.rows * m.cols);
}

void ScoreSurface::embed_graph() {
  const NetworkOptions& options = network_.options;
  Matrix inputs(sample_.nodes, options.node_inputs()), e, step, powers;
  for (std::size_t i = 0; i < sample_.nodes; ++i)
    std::copy_n(sample_.node_inputs.data() + i * inputs.cols, inputs.cols, inputs.row(i));
  start_from(network_.graph_input.bias, sample_.nodes, e);
  multiply_add_counted(inputs, network_.graph_input.weight, e);
  tanh_of(e.data.data(), e.data.size()); // eq. 8 has tanh, whatever the activation elsewhere
  flops_ += activation_flops * static_cast<double>(e.rows * e.cols);
  for (const PackedNetwork::Convolution& convolution : network_.convolutions) {
    powers.resize(e.rows, e.cols);
    for (const float share : convolution.paths) { // A, A^2, A^3: worker-broker-broker-worker is A^3
      apply_adjacency(sample_, e, step);
      std::swap(e, step);
      add_scaled(share, e.data.data(), powers.data.data(), e.data.size());
      flops_ += 6.0 * static_cast<double>(e.rows * e.cols);
    }
    e.resize(powers.rows, powers.cols);
    multiply_add_counted(powers, convolution.weight, e);
  }
  host_embedding_.resize(sample_.hosts, options.width);
  for (std::size_t i = 0; i < sample_.hosts; ++i)
    std::copy_n(e.row(sample_.node_of_host[i]), e.stride, host_embedding_.row(i));
}

void ScoreSurface::attend() {
  const std::size_t hosts = sample_.hosts, d = network_.options.width;
  Matrix query, keys(d, hosts);
  start_from(network_.attention.bias, hosts, query);
  multiply_add_counted(host_embedding_, network_.attention.weight, query);
  for (std::size_t i = 0; i < hosts; ++i)
    for (std::size_t j = 0; j < d; ++j) keys(j, i) = host_embedding_(i, j);
  attention_.resize(hosts, hosts);
  multiply_add_counted(query, keys, attention_);
  const float scale = 1 / std::sqrt(static_cast<float>(d));
  std::vector<std::size_t> mates;
  std::vector<float> shares;
  for (std::size_t i = 0; i < hosts; ++i) {
    mates.clear();
    shares.clear();
    for (std::size_t j = 0; j < hosts; ++j)
      if (sample_.row_group[j] == sample_.row_group[i]) {
        mates.push_back(j);
        shares.push_back(attention_(i, j) * scale);
      }
    softmax_of(shares.data(), shares.size());
    std::fill_n(attention_.row(i), hosts, 0.0f);
    for (std::size_t m = 0; m < mates.size(); ++m) attention_(i, mates[m]) = shares[m];
  }
  attention_transposed_.resize(hosts, hosts);
  for (std::size_t i = 0; i < hosts; ++i)
    for (std::size_t j = 0; j < hosts; ++j) attention_transposed_(j, i) = attention_(i, j);
}

void ScoreSurface::encode_schedule() {
  const std::size_t tasks = sample_.tasks, hosts = sample_.hosts, d = network_.options.width;
  Matrix code(tasks, d), next;
  for (std::size_t i = 0; i < tasks; ++i)
    if (const std::uint32_t host = sample_.host_of_task[i]; host != nowhere)
      std::copy_n(host_embedding_.row(host), code.stride, code.row(i));
  for (const PackedLayer& layer : network_.schedule) {
    start_from(layer.bias, tasks, next);
    multiply_add_counted(code, layer.weight, next);
    activate(next);
    std::swap(code, next);
  }
  Matrix rows(sample_.rows(), d);
  std::vector<float> on_host(hosts, 0);
  for (std::size_t i = 0; i < tasks; ++i) {
    std::copy_n(code.row(i), code.stride, rows.row(hosts + i));
    if (const std::uint32_t host = sample_.host_of_task[i]; host != nowhere) {
      add_scaled(1, code.row(i), rows.row(host), d);
      ++on_host[host];
    }
  }
  for (std::size_t i = 0; i < hosts; ++i)
    for (std::size_t j = 0; j < d && on_host[i] > 0; ++j) rows(i, j) /= on_host[i];
  start_from(network_.output_window.bias, rows.rows, hidden_constant_);
  multiply_add_counted(rows, network_.output_schedule, hidden_constant_);
}

/// to[row] += context of the row's host, for `context` = A rows U.
void ScoreSurface::add_context(const Matrix& rows, Matrix& to) {
  if (!network_.options.topology) return;
  const std::size_t hosts = sample_.hosts;
  std::copy_n(rows.data.data(), hosts * rows.stride, host_rows_.data.data());
  mixed_.fill(0);
  multiply_add_counted(attention_, host_rows_, mixed_);
  context_.fill(0);
  multiply_add_counted(mixed_, network_.output_context.weight, context_);
  for (std::size_t i = 0; i < sample_.rows(); ++i)
    if (const std::uint32_t host = host_of_row(i); host != nowhere)
      add_scaled(1, context_.row(host), to.row(i), to.stride);
}

/// The way back: rows' share of what came through their hosts' contexts.
void ScoreSurface::add_context_back(const Matrix& back, Matrix& to) {
  if (!network_.options.topology) return;
  context_back_.fill(0);
  for (std::size_t i = 0; i < sample_.rows(); ++i)
    if (const std::uint32_t host = host_of_row(i); host != nowhere)
      add_scaled(1, back.row(i), context_back_.row(host), back.stride);
  host_rows_.fill(0);
  multiply_add_counted(context_back_, network_.output_context.transposed, host_rows_);
  mixed_.fill(0);
  multiply_add_counted(attention_transposed_, host_rows_, mixed_);
  for (std::size_t i = 0; i < sample_.hosts; ++i)
    add_scaled(1, mixed_.row(i), to.row(i), to.stride);
}

double ScoreSurface::value(const Matrix& z) {
  const std::size_t rows = sample_.rows(), depth = network_.options.depth;
  LAIR_ASSERT(z.rows == rows && z.cols == features(), "a window of another shape");
  for (std::size_t l = 0; l < depth; ++l) {
    if (l == 0) window_[0].data = first_constant_.data;
    else start_from(network_.window[l].bias, rows, window_[l]);
    multiply_add_counted(l == 0 ? z : window_[l - 1], network_.window[l].weight, window_[l]);
    activate(window_[l]);
  }
  hidden_[0].data = hidden_constant_.data;
  multiply_add_counted(window_.back(), network_.output_window.weight, hidden_[0]);
  add_context(window_.back(), hidden_[0]);
  activate(hidden_[0]);
  for (std::size_t l = 1; l < depth; ++l) {
    start_from(network_.output[l - 1].bias, rows, hidden_[l]);
    multiply_add_counted(hidden_[l - 1], network_.output[l - 1].weight, hidden_[l]);
    activate(hidden_[l]);
  }
  if (network_.options.head == Head::scalar) pool(hidden_.back());
  const Matrix& judged = network_.options.head == Head::scalar ? pooled_ : hidden_.back();
  start_from(network_.last.bias, judged.rows, logits_);
  multiply_add_counted(judged, network_.last.weight, logits_);
  up_.resize(logits_.rows, logits_.cols);
  down_.resize(logits_.rows, logits_.cols);
  sigmoids_of(logits_.data.data(), up_.data.data(), down_.data.data(), logits_.data.size());
  logs_.resize(logits_.rows, logits_.cols);
  log_sigmoid_of(logits_.data.data(), logs_.data.data(), logits_.data.size());
  flops_ += 2 * activation_flops * static_cast<double>(logits_.rows * logits_.cols);
  double sum = 0; // in one order, and in double: hundreds of terms of one sign
  for (std::size_t i = 0; i < logits_.rows; ++i)
    for (std::size_t j = 0; j < logits_.cols; ++j) sum += logs_(i, j) * counted_(i, j);
  return sum;
}

/// Mean of the rows of each group.
void ScoreSurface::pool(const Matrix& rows) {
  pooled_.resize(sample_.groups, rows.cols);
  for (std::size_t i = 0; i < rows.rows; ++i) {
    const std::uint32_t group = sample_.row_group[i];
    add_scaled(1 / group_rows_[group], rows.row(i), pooled_.row(group), rows.stride);
  }
}

/// From d value / d logits, in `back_`, to d value / d last hidden layer.
void ScoreSurface::leave_head(Matrix& to) {
  to.fill(0);
  if (network_.options.head == Head::map) {
    multiply_add_counted(back_, network_.last.transposed, to);
    return;
  }
  pooled_.fill(0);
  multiply_add_counted(back_, network_.last.transposed, pooled_);
  for (std::size_t i = 0; i < to.rows; ++i) {
    const std::uint32_t group = sample_.row_group[i];
    add_scaled(1 / group_rows_[group], pooled_.row(group), to.row(i), to.stride);
  }
}

/// From d value / d pre-activation of the first output layer to the window encoder's last layer.
void ScoreSurface::leave_output(const Matrix& back, Matrix& to) {
  to.fill(0);
  multiply_add_counted(back, network_.output_window.transposed, to);
  add_context_back(back, to);
}

void ScoreSurface::gradient(Matrix& out) {
  const std::size_t depth = network_.options.depth;
  back_.resize(logits_.rows, logits_.cols);
  for (std::size_t i = 0; i < logits_.rows; ++i)
    for (std::size_t j = 0; j < logits_.cols; ++j)
      back_(i, j) = counted_(i, j) * down_(i, j); // d log sigmoid(x) / dx = sigmoid(-x)
  leave_head(hidden_back_[depth - 1]);
  for (std::size_t l = depth; l-- > 0;) {
    sloped_.data = hidden_back_[l].data;
    times_slope(hidden_[l], sloped_);
    if (l > 0) {
      hidden_back_[l - 1].fill(0);
      multiply_add_counted(sloped_, network_.output[l - 1].transposed, hidden_back_[l - 1]);
    }
  }
  leave_output(sloped_, window_back_[depth - 1]);
  for (std::size_t l = depth; l-- > 0;) {
    sloped_.data = window_back_[l].data;
    times_slope(window_[l], sloped_);
    Matrix& before = l > 0 ? window_back_[l - 1] : out;
    if (l > 0) before.fill(0);
    else before.resize(rows(), features());
    multiply_add_counted(sloped_, network_.window[l].transposed, before);
  }
}

/// x, the tangent of what came back to an activation, to the tangent before the activation.
void ScoreSurface::tangent_through(const Matrix& activated, const Matrix& back,
                                   const Matrix& forward, Matrix& x) {
  if (network_.options.activation == Activation::tanh)
    tanh_slope_tangent(activated.data.data(), back.data.data(), forward.data.data(), x.data.data(),
                       x.data.size());
  else
    times_relu_slope(activated.data.data(), x.data.data(), x.data.size());
  flops_ += 2 * slope_flops * static_cast<double>(x.rows * x.cols);
}

void ScoreSurface::curvature(const Matrix& direction, Matrix& out) {
  const std::size_t depth = network_.options.depth;
  // Forward: tangents before and after every activation (Pearlmutter's R operator).
  const auto forward = [&](const Matrix& activated, const Matrix& tangent, Matrix& dot) {
    dot.data = tangent.data;
    times_slope(activated, dot);
  };
  for (std::size_t l = 0; l < depth; ++l) {
    window_forward_[l].fill(0);
    multiply_add_counted(l == 0 ? direction : window_dot_[l - 1], network_.window[l].weight,
                         window_forward_[l]);
    forward(window_[l], window_forward_[l], window_dot_[l]);
  }
  hidden_forward_[0].fill(0);
  multiply_add_counted(window_dot_.back(), network_.output_window.weight, hidden_forward_[0]);
  add_context(window_dot_.back(), hidden_forward_[0]);
  forward(hidden_[0], hidden_forward_[0], hidden_dot_[0]);
  for (std::size_t l = 1; l < depth; ++l) {
    hidden_forward_[l].fill(0);
    multiply_add_counted(hidden_dot_[l - 1], network_.output[l - 1].weight, hidden_forward_[l]);
    forward(hidden_[l], hidden_forward_[l], hidden_dot_[l]);
  }
  if (network_.options.head == Head::scalar) pool(hidden_dot_.back());
  const Matrix& judged = network_.options.head == Head::scalar ? pooled_ : hidden_dot_.back();
  back_.resize(logits_.rows, logits_.cols);
  multiply_add_counted(judged, network_.last.weight, back_);
  for (std::size_t i = 0; i < back_.rows; ++i)
    for (std::size_t j = 0; j < back_.cols; ++j)
      back_(i, j) *= -counted_(i, j) * up_(i, j) * down_(i, j);
  // Backward, with the product rule at every activation.
  leave_head(tangent_);
  for (std::size_t l = depth; l-- > 0;) {
    tangent_through(hidden_[l], hidden_back_[l], hidden_forward_[l], tangent_);
    if (l > 0) {
      sloped_.fill(0);
      multiply_add_counted(tangent_, network_.output[l - 1].transposed, sloped_);
      std::swap(sloped_, tangent_);
    }
  }
  leave_output(tangent_, sloped_);
  std::swap(sloped_, tangent_);
  for (std::size_t l = depth; l-- > 0;) {
    tangent_through(window_[l], window_back_[l], window_forward_[l], tangent_);
    Matrix& before = l > 0 ? sloped_ : out;
    if (l > 0) before.fill(0);
    else before.resize(rows(), features());
    multiply_add_counted(tangent_, network_.window[l].transposed, before);
    if (l > 0) std::swap(sloped_, tangent_);
  }
}

} // namespace lair::learn
