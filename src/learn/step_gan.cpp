#include "learn/step_gan.hpp"

#include "core/error.hpp"
#include "core/random.hpp"
#include "learn/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lair::learn {
namespace {

constexpr std::array<const char*, step_lags> lag_names{"lag1", "lag2", "lag3"};
/// Channels of the decoder's convolution of each level, the coarsest first.
constexpr std::array<std::size_t, step_levels> written_channels{32, 16, 16};

std::string at_level(const char* name, std::size_t level) { return name + std::to_string(level + 1); }

void add(std::vector<Tensor>& all, const std::string& name, std::size_t inputs, std::size_t outputs, bool bias) {
  const auto in = static_cast<std::uint32_t>(inputs), out = static_cast<std::uint32_t>(outputs);
  all.push_back({name + ".weight", {in, out}, {}});
  if (bias) all.push_back({name + ".bias", {out}, {}});
}

void add_encoder(std::vector<Tensor>& all, const std::string& part) {
  for (std::size_t l = 0; l < step_levels; ++l) {
    add(all, part + at_level("image", l), 9 * step_lags, step_channels[l], true);
    if (l + 1 < step_levels) // what the finer level saw
      add(all, part + at_level("finer", l), 9 * step_channels[l + 1], step_channels[l], false);
  }
}

std::vector<Tensor> step_gan_layout(const NetworkOptions&, const Sizes& sizes) {
  std::vector<Tensor> all;
  add_encoder(all, "generator.");
  add(all, "generator.code", step_channels[0], sizes.at("code"), true);
  add(all, "generator.open", sizes.at("code"), step_channels[0], true);
  std::size_t inputs = step_channels[0];
  for (std::size_t l = 0; l < step_levels; ++l) {
    add(all, "generator." + at_level("write", l), 9 * inputs, written_channels[l], true);
    add(all, "generator." + at_level("output", l), 9 * written_channels[l], step_lags, true);
    inputs = written_channels[l];
  }
  add_encoder(all, "critic.");
  add(all, "critic.head", step_channels[0], 1, true);
  return all;
}

void leaky(Images& x) {
  for (float& value : x.pixels.data) value = value > 0 ? value : leak * value;
}

/// The pixels around each `stride`th pixel as a row; beyond the edge zeros.
Matrix around(const Images& x, std::size_t stride) {
  const std::size_t channels = x.pixels.cols, to_side = x.side / stride;
  Matrix out(x.count * to_side * to_side, 9 * channels);
  std::size_t row = 0;
  for (std::size_t i = 0; i < x.count; ++i)
    for (std::size_t r = 0; r < to_side; ++r)
      for (std::size_t c = 0; c < to_side; ++c, ++row)
        for (std::size_t k = 0; k < 9; ++k) {
          const std::size_t at_r = r * stride + k / 3, at_c = c * stride + k % 3; // of one pixel before
          if (at_r == 0 || at_c == 0 || at_r > x.side || at_c > x.side) continue;
          std::copy_n(x.pixels.row((i * x.side + at_r - 1) * x.side + at_c - 1), channels,
                      out.row(row) + k * channels);
        }
  return out;
}

Images twice(const Images& x) {
  Images out{2 * x.side, x.count, Matrix(4 * x.pixels.rows, x.pixels.cols)};
  for (std::size_t i = 0; i < x.count; ++i)
    for (std::size_t r = 0; r < out.side; ++r)
      for (std::size_t c = 0; c < out.side; ++c)
        std::copy_n(x.pixels.row((i * x.side + r / 2) * x.side + c / 2), x.pixels.cols,
                    out.pixels.row((i * out.side + r) * out.side + c));
  return out;
}

/// Images from `first` on, `count` of them.
Images part_of(const Images& x, std::size_t first, std::size_t count) {
  const std::size_t area = x.side * x.side;
  Images out{x.side, count, Matrix(count * area, x.pixels.cols)};
  std::copy_n(x.pixels.row(first * area), out.pixels.data.size(), out.pixels.data.data());
  return out;
}

} // namespace

const ModelKind& stepgan_kind() {
  static const ModelKind kind{"lair-stepgan",
                              "a StepGAN",
                              {{"lag1", 1, 1000}, {"lag2", 1, 1000}, {"lag3", 1, 1000}, {"code", 1, 1024}},
                              step_gan_layout};
  return kind;
}

std::size_t level_of(const std::string& tensor) {
  for (std::size_t l = 0; l < step_levels; ++l) {
    if (tensor.find(at_level("finer", l) + ".") != std::string::npos) return l + 2;
    for (const char* name : {"image", "write", "output"})
      if (tensor.find(at_level(name, l) + ".") != std::string::npos) return l + 1;
  }
  return 1; // code, open and head
}

Weights initial_step_gan(const NetworkOptions& network, const Sizes& sizes, RandomStream& random) {
  Weights weights{step_gan_layout(network, sizes)};
  for (Tensor& tensor : weights.tensors) {
    tensor.values.resize(tensor.count()); // zeros: biases stay so
    const bool output = tensor.name.find(".output") != std::string::npos,
               finer = tensor.name.find(".finer") != std::string::npos;
    if (tensor.shape.size() == 1 || ((output || finer) && level_of(tensor.name) > 1)) continue;
    const bool linear = output || tensor.name.find(".code") != std::string::npos ||
                        tensor.name.find(".head") != std::string::npos;
    const double bound = std::sqrt((linear ? 1 : 6 / (1 + double(leak) * leak)) / tensor.shape[0]);
    for (float& value : tensor.values) value = static_cast<float>(random.uniform(-bound, bound));
  }
  return weights;
}

std::size_t step_side(std::size_t metrics) { return (metrics + 7) / 8 * 8; }

void correlate(const double* window, std::size_t states, std::size_t metrics, const Sizes& lags, std::size_t at,
               Images& to) {
  for (std::size_t lag = 0; lag < step_lags; ++lag) {
    const std::size_t length = std::min<std::size_t>(lags.at(lag_names[lag]), states);
    for (std::size_t i = 0; i < metrics; ++i)
      for (std::size_t j = 0; j <= i; ++j) {
        double sum = 0;
        for (std::size_t s = states - length; s < states; ++s)
          sum += window[s * metrics + i] * window[s * metrics + j];
        const auto mean = static_cast<float>(sum / static_cast<double>(length));
        to.pixels((at * to.side + i) * to.side + j, lag) = mean;
        to.pixels((at * to.side + j) * to.side + i, lag) = mean;
      }
  }
}

Images halved(const Images& x) {
  Images out{x.side / 2, x.count, Matrix(x.pixels.rows / 4, x.pixels.cols)};
  for (std::size_t i = 0; i < x.count; ++i)
    for (std::size_t r = 0; r < out.side; ++r)
      for (std::size_t c = 0; c < out.side; ++c)
        for (const std::size_t k : {0, 1, 2, 3})
          add_scaled(0.25f, x.pixels.row((i * x.side + 2 * r + k / 2) * x.side + 2 * c + k % 2),
                     out.pixels.row((i * out.side + r) * out.side + c), x.pixels.cols);
  return out;
}

StepGan::Convolution StepGan::convolution_of(const Weights& weights, const std::string& name,
                                             const std::string& bias) {
  const Tensor& tensor = weights.at(name + ".weight");
  Convolution out{Matrix(tensor.shape[0], tensor.shape[1]), {}};
  for (std::size_t i = 0; i < out.weight.rows; ++i)
    std::copy_n(tensor.values.data() + i * out.weight.cols, out.weight.cols, out.weight.row(i));
  if (!bias.empty()) out.bias = weights.at(bias + ".bias").values;
  return out;
}

StepGan::Encoder StepGan::encoder_of(const Weights& weights, const std::string& part) {
  Encoder out;
  for (std::size_t l = 0; l < step_levels; ++l) {
    const std::string image = part + at_level("image", l);
    out.image.push_back(convolution_of(weights, image, image));
    if (l + 1 < step_levels) out.finer.push_back(convolution_of(weights, part + at_level("finer", l), ""));
  }
  return out;
}

namespace {

/// x w + bias, and likewise one pixel alone where the weight says so.
Images with_bias(std::size_t side, std::size_t count, std::size_t channels, const std::vector<float>& bias) {
  Images out{side, count, Matrix(count * side * side, channels)};
  for (std::size_t i = 0; i < out.pixels.rows; ++i) std::copy(bias.begin(), bias.end(), out.pixels.row(i));
  return out;
}

} // namespace

Images StepGan::encode(const Encoder& encoder, const Images& x) {
  std::vector<Images> pyramid(step_levels); // the coarsest first
  pyramid.back() = x;
  for (std::size_t l = step_levels - 1; l > 0; --l) pyramid[l - 1] = halved(pyramid[l]);
  Images h;
  for (std::size_t l = step_levels; l-- > 0;) {
    const Convolution& image = encoder.image[l];
    Images next = with_bias(pyramid[l].side / 2, x.count, image.weight.cols, image.bias);
    multiply_add(around(pyramid[l], 2), image.weight, next.pixels);
    if (l + 1 < step_levels) multiply_add(around(h, 2), encoder.finer[l].weight, next.pixels);
    leaky(next);
    h = std::move(next);
  }
  return h;
}

void StepGan::count_flops(const Convolution& c, std::size_t side) {
  // A leaky ReLU is two operations.
  flops_ += static_cast<double>(side * side * c.weight.cols * (2 * c.weight.rows + 2));
}

StepGan::StepGan(const NetworkOptions& network, const Sizes&, const Weights& weights)
    : metrics_(network.metric_count()), generator_(encoder_of(weights, "generator.")),
      critic_(encoder_of(weights, "critic.")),
      code_(convolution_of(weights, "generator.code", "generator.code")),
      open_(convolution_of(weights, "generator.open", "generator.open")),
      head_(convolution_of(weights, "critic.head", "critic.head")) {
  const std::size_t least = step_side(metrics_) >> step_levels;
  count_flops(code_, least);
  count_flops(open_, least);
  count_flops(head_, least);
  for (std::size_t l = 0; l < step_levels; ++l) {
    const std::string write = "generator." + at_level("write", l), output = "generator." + at_level("output", l);
    decoder_.push_back(convolution_of(weights, write, write));
    output_.push_back(convolution_of(weights, output, output));
    count_flops(decoder_.back(), least << (l + 1));
    count_flops(output_.back(), least << (l + 1));
    for (const Encoder* encoder : {&generator_, &critic_}) {
      count_flops(encoder->image[l], least << l);
      if (l + 1 < step_levels) count_flops(encoder->finer[l], least << l);
    }
  }
}

Images StepGan::written(const Images& x) const {
  Images h = encode(generator_, x);
  for (const Convolution* c : {&code_, &open_}) {
    Images next = with_bias(h.side, h.count, c->weight.cols, c->bias);
    multiply_add(h.pixels, c->weight, next.pixels);
    h = std::move(next);
  }
  leaky(h);
  Images out;
  for (std::size_t l = 0; l < step_levels; ++l) {
    h = twice(h);
    const Matrix seen = around(h, 1);
    h = with_bias(h.side, h.count, decoder_[l].weight.cols, decoder_[l].bias);
    multiply_add(seen, decoder_[l].weight, h.pixels);
    leaky(h);
    Images next = with_bias(h.side, h.count, step_lags, output_[l].bias);
    if (l > 0) add_scaled(1, twice(out).pixels.data.data(), next.pixels.data.data(), next.pixels.data.size());
    multiply_add(around(h, 1), output_[l].weight, next.pixels);
    out = std::move(next);
  }
  return out;
}

std::vector<double> StepGan::real(const Images& x) const {
  const Images h = encode(critic_, x);
  const std::size_t area = h.side * h.side;
  std::vector<double> out;
  for (std::size_t i = 0; i < x.count; ++i) {
    double sum = 0;
    for (std::size_t p = 0; p < area; ++p)
      for (std::size_t c = 0; c < h.pixels.cols; ++c) sum += double(h.pixels(i * area + p, c)) * head_.weight(c, 0);
    const double logit = sum / static_cast<double>(area) + head_.bias[0];
    out.push_back(1 / (1 + std::exp(-logit)));
  }
  return out;
}

std::vector<double> StepGan::scores(const Images& raw, const Images& seen, double critic) const {
  constexpr std::size_t at_once = 32; // images, so that many hosts need no more memory
  std::vector<double> out;
  for (std::size_t first = 0; first < seen.count; first += at_once) {
    const Images some = part_of(seen, first, std::min(at_once, seen.count - first));
    const Images again = written(some);
    const std::vector<double> believed = real(some);
    for (std::size_t i = 0; i < some.count; ++i) {
      double sum = 0;
      for (std::size_t r = 0; r < metrics_; ++r)
        for (std::size_t c = 0; c < metrics_; ++c)
          for (std::size_t lag = 0; lag < step_lags; ++lag)
            sum += std::fabs(double(raw.pixels(((first + i) * raw.side + r) * raw.side + c, lag)) -
                             again.pixels((i * again.side + r) * again.side + c, lag));
      const double distance = sum / static_cast<double>(metrics_ * step_lags);
      out.push_back((1 - critic) * distance + critic * (1 - believed[i]));
    }
  }
  return out;
}

Images images_of(std::span<const Sample> samples, const NetworkOptions& network, const Sizes& sizes,
                 std::size_t every) {
  const std::size_t metrics = network.metric_count();
  std::vector<const float*> windows;
  std::size_t seen = 0;
  for (const Sample& sample : samples)
    for (std::uint32_t h = 0; h < sample.hosts; ++h) {
      if (sample.present[h * metrics] == 0 || seen++ % every != 0) continue;
      windows.push_back(sample.window.data() + std::size_t(h) * network.features());
    }
  Images out{step_side(metrics), windows.size(), {}};
  out.pixels.resize(out.count * out.side * out.side, step_lags);
  std::vector<double> states;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    states.assign(windows[i], windows[i] + network.features());
    correlate(states.data(), network.window, metrics, sizes, i, out);
  }
  return out;
}

StepGanTrainer::StepGanTrainer(const NetworkOptions& network, const Sizes& sizes, const StepGanOptions& options,
                               Images training, Images validation, TrainingState state)
    : EpochTrainer(options, training.count, validation.count,
                   state.best.tensors.empty() ? state.weights : std::move(state.best), std::move(state.history)),
      network_(network), sizes_(sizes), options_(options), training_(std::move(training)),
      validation_(std::move(validation)), weights_(std::move(state.weights)), adam_(std::move(state.adam)) {}

StepGanTrainer::Stage StepGanTrainer::stage() const {
  // Told from the epochs alone, so that a resumed training finds the same.
  const std::size_t quarter = std::max<std::size_t>(1, options_.epochs / 4);
  Stage now{1, 0, false};
  std::size_t idle = 0;
  for (std::size_t i = 0; i < history().size(); ++i) {
    idle = history()[i].best ? 0 : idle + 1;
    const std::size_t most = now.frozen ? quarter
                             : now.level > 1 ? std::max<std::size_t>(1, options_.epochs - quarter)
                                             : options_.epochs;
    if (i + 1 - now.began < most && idle < options_.patience) continue;
    now = {now.frozen ? now.level : now.level + 1, i + 1, !now.frozen};
    idle = 0;
  }
  return now;
}

bool StepGanTrainer::ended() const { return training_.count == 0 || stage().level > step_levels; }

void StepGanTrainer::begin_epoch() {
  if (stage().began != history().size() || history().empty()) return;
  weights_ = best(); // as it was at its best in the stage before
  adam_ = {};
}

namespace {

Images chosen_of(const Images& from, std::span<const std::size_t> chosen) {
  const std::size_t area = from.side * from.side;
  Images out{from.side, chosen.size(), Matrix(chosen.size() * area, from.pixels.cols)};
  for (std::size_t i = 0; i < chosen.size(); ++i)
    std::copy_n(from.pixels.row(chosen[i] * area), area * from.pixels.stride, out.pixels.row(i * area));
  return out;
}

} // namespace

Losses StepGanTrainer::train(Chosen chosen, RandomStream&, double&) {
  const Stage now = stage();
  std::vector<std::vector<float>> gradients;
  const StepLosses losses = step_gan_losses(network_, sizes_, weights_, now.level, options_,
                                            chosen_of(training_, chosen), &gradients);
  std::vector<std::vector<float>> kept;
  const auto moves = [&](const Tensor& tensor) {
    const std::size_t level = level_of(tensor.name);
    return now.frozen ? level == now.level : level <= now.level;
  };
  for (std::size_t k = 0; k < weights_.tensors.size(); ++k) {
    kept.push_back(moves(weights_.tensors[k]) ? std::vector<float>() : weights_.tensors[k].values);
    if (!kept.back().empty()) std::fill(gradients[k].begin(), gradients[k].end(), 0.0f);
  }
  adam_step(options_.adam, gradients, adam_, weights_);
  for (std::size_t k = 0; k < kept.size(); ++k) // decay would move them
    if (!kept[k].empty()) weights_.tensors[k].values = std::move(kept[k]);
  return {.real = options_.weight * losses.distance};
}

Losses StepGanTrainer::validate(Chosen chosen, RandomStream&) {
  const StepLosses losses = step_gan_losses(network_, sizes_, weights_, stage().level, options_,
                                            chosen_of(validation_, chosen), nullptr);
  return {.real = options_.weight * losses.distance};
}

} // namespace lair::learn
