#include "learn/network.hpp"

#include "learn/torch_tools.hpp"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>

#include <cmath>

namespace lair::learn {
namespace {

void copy_to(const at::Tensor& from, Matrix& m) {
  const at::Tensor flat = from.contiguous();
  m.resize(static_cast<std::size_t>(flat.size(0)), static_cast<std::size_t>(flat.size(1)));
  for (std::size_t i = 0; i < m.rows; ++i)
    std::copy_n(flat.data_ptr<float>() + i * m.cols, m.cols, m.row(i));
}

/// 1 where two rows are of one group.
at::Tensor same_group(const std::vector<std::uint32_t>& group, std::uint32_t count) {
  const at::Tensor ids = indices_of(group).slice(0, 0, count);
  return ids.unsqueeze(0).eq(ids.unsqueeze(1));
}

} // namespace

struct Network::Impl {
  NetworkOptions options;
  Parameters parameters;

  const at::Tensor& at(const std::string& name) const { return parameters.at(name); }
  at::Tensor dense(const std::string& name, const at::Tensor& x) const {
    return at::addmm(at(name + ".bias"), x, at(name + ".weight"));
  }
  at::Tensor activated(const at::Tensor& x) const {
    return options.activation == Activation::tanh ? at::tanh(x) : at::relu(x);
  }
  at::Tensor feed_forward(const std::string& name, at::Tensor x) const {
    for (std::uint32_t l = 0; l < options.depth; ++l)
      x = activated(dense(name + "." + std::to_string(l), x));
    return x;
  }

  /// What does not depend on the window.
  struct Context {
    at::Tensor attention, schedule; ///< hosts x hosts; rows x width
    at::Tensor rest;                ///< presence bits and task bit of the entities' inputs
    at::Tensor host_of_row;         ///< with -1 turned to `hosts`, a row of zeros
    at::Tensor wanted;              ///< weight of every logit in value()
    at::Tensor share;               ///< weight of every logit in losses: sums to 1
    at::Tensor pool;                ///< groups x rows, for the scalar head
  };

  Context context(const Sample& s) const {
    Context c;
    const auto hosts = static_cast<std::int64_t>(s.hosts), rows = std::int64_t(s.rows()),
               metrics = std::int64_t(options.metric_count()), d = std::int64_t(options.width);
    at::Tensor e = at::tanh(
        dense("graph.input", tensor_of(s.node_inputs, {s.nodes, options.node_inputs()})));
    if (options.topology && options.convolutions > 0) {
      const at::Tensor link = neighbours_of(s), a = link / link.sum(1, true);
      for (std::uint32_t q = 0; q < options.convolutions; ++q) {
        const std::string name = "graph." + std::to_string(q);
        const at::Tensor share = at::softmax(at(name + ".paths"), 0);
        at::Tensor reached = e, sum = at::zeros_like(e);
        for (std::int64_t p = 0; p < 3; ++p) {
          reached = at::mm(a, reached);
          sum = sum + share.select(0, p) * reached;
        }
        e = at::mm(sum, at(name + ".weight"));
      }
    }
    const at::Tensor hosts_e = e.index_select(0, indices_of(s.node_of_host));
    if (options.topology) {
      const at::Tensor scores =
          at::mm(dense("attention", hosts_e), hosts_e.t()) / std::sqrt(static_cast<double>(d));
      c.attention = at::softmax(
          scores.masked_fill(same_group(s.row_group, s.hosts).logical_not(), -INFINITY), 1);
    }

    // S: each task's code is that of its host; each host's the mean of its tasks'.
    std::vector<std::uint32_t> host_of_task = s.host_of_task, host_of_row;
    for (std::uint32_t& host : host_of_task) host = host == nowhere ? s.hosts : host;
    const at::Tensor code =
        feed_forward("schedule", at::cat({hosts_e, at::zeros({1, d})})
                                     .index_select(0, indices_of(host_of_task)));
    at::Tensor sums = at::zeros({hosts + 1, d}), counts = at::zeros({hosts + 1, 1});
    sums = sums.index_add(0, indices_of(host_of_task), code);
    counts = counts.index_add(0, indices_of(host_of_task), at::ones({std::int64_t(s.tasks), 1}));
    c.schedule = at::cat({(sums / counts.clamp_min(1)).slice(0, 0, hosts), code});
    for (std::uint32_t i = 0; i < s.hosts; ++i) host_of_row.push_back(i);
    host_of_row.insert(host_of_row.end(), host_of_task.begin(), host_of_task.end());
    c.host_of_row = indices_of(host_of_row);

    const at::Tensor present = tensor_of(s.present, {rows, metrics});
    at::Tensor task = at::zeros({rows, 1});
    task.slice(0, hosts, rows).fill_(1);
    c.rest = at::cat({present, task}, 1);

    const at::Tensor groups = indices_of(s.row_group);
    at::Tensor of_group = at::zeros({std::int64_t(s.groups), rows});
    for (std::int64_t i = 0; i < rows; ++i)
      of_group[groups.data_ptr<std::int64_t>()[i]].data_ptr<float>()[i] = 1;
    const double group_count = std::max<double>(1, of_group.sum(1).gt(0).sum().item<double>());
    if (options.head == Head::scalar) {
      c.pool = of_group / of_group.sum(1, true).clamp_min(1);
      c.wanted = of_group.sum(1, true).gt(0).to(at::kFloat);
      c.share = c.wanted / group_count;
    } else {
      c.wanted = present.repeat({1, std::int64_t(options.window)});
      const at::Tensor terms = at::mm(of_group, c.wanted.sum(1, true)).clamp_min(1);
      c.share = c.wanted / terms.index_select(0, groups) / group_count;
    }
    return c;
  }

  at::Tensor logits(const Context& c, const at::Tensor& z) const {
    const at::Tensor window = feed_forward("window", at::cat({z, c.rest}, 1));
    std::vector<at::Tensor> parts = {window};
    if (options.topology) {
      const at::Tensor mixed = at::mm(c.attention, window.slice(0, 0, c.attention.size(0)));
      parts.push_back(at::cat({mixed, at::zeros({1, mixed.size(1)})})
                          .index_select(0, c.host_of_row));
    }
    parts.push_back(c.schedule);
    at::Tensor hidden = feed_forward("output", at::cat(parts, 1));
    if (options.head == Head::scalar) hidden = at::mm(c.pool, hidden);
    return dense("output.last", hidden);
  }

  struct Terms {
    at::Tensor real, fake, spoilt;
    at::Tensor sum() const { return real + fake + spoilt; }
    Losses values() const {
      return {real.item<double>(), fake.item<double>(), spoilt.item<double>()};
    }
  };

  Terms loss_terms(const Sample& s, const Matrix& real, const Matrix& fake,
                   const Spoilt* spoilt) const {
    const Context c = context(s);
    Terms terms{-(at::log_sigmoid(logits(c, tensor_of(real))) * c.share).sum(), at::zeros({}),
                at::zeros({})};
    if (fake.rows > 0)
      terms.fake = -(at::log_sigmoid(-logits(c, tensor_of(fake))) * c.share).sum();
    if (spoilt != nullptr) {
      const at::Tensor judged = logits(c, tensor_of(spoilt->window));
      const at::Tensor no = at::log_sigmoid(-judged);
      if (options.head == Head::scalar) {
        terms.spoilt = -(no * c.share).sum();
      } else {
        const at::Tensor changed = tensor_of(spoilt->changed) * c.wanted;
        const at::Tensor same = c.wanted - changed; // so that the blame falls where it belongs
        terms.spoilt = -(no * changed).sum() / changed.sum().clamp_min(1) -
                       (at::log_sigmoid(judged) * same).sum() / same.sum().clamp_min(1);
      }
    }
    return terms;
  }
};

Network::Network(const NetworkOptions& options, const Weights& weights)
    : impl_(std::make_unique<Impl>(Impl{options, Parameters(weights)})) {
  use_one_thread();
}
Network::~Network() = default;
Network::Network(Network&&) noexcept = default;

Losses Network::losses(const Sample& sample, const Matrix& real, const Matrix& fake,
                       const Spoilt* spoilt) const {
  const torch::autograd::AutoGradMode off(false);
  return impl_->loss_terms(sample, real, fake, spoilt).values();
}

Losses Network::losses_and_gradients(const Sample& sample, const Matrix& real, const Matrix& fake,
                                     std::vector<std::vector<float>>& gradients,
                                     const Spoilt* spoilt) const {
  const torch::autograd::AutoGradMode on(true);
  const Impl::Terms terms = impl_->loss_terms(sample, real, fake, spoilt);
  gradients = impl_->parameters.gradients_of(terms.sum());
  return terms.values();
}

double Network::value(const Sample& sample, const Matrix& z, Matrix* gradient,
                      const Matrix* direction, Matrix* curvature) const {
  const torch::autograd::AutoGradMode on(true);
  const Impl::Context c = impl_->context(sample);
  const at::Tensor at_z = tensor_of(z).set_requires_grad(true);
  const at::Tensor value = (at::log_sigmoid(impl_->logits(c, at_z)) * c.wanted).sum();
  if (gradient != nullptr) {
    const at::Tensor slope = torch::autograd::grad({value}, {at_z}, {}, true, true)[0];
    copy_to(slope.detach(), *gradient);
    if (direction != nullptr && curvature != nullptr)
      copy_to(torch::autograd::grad({slope}, {at_z}, {tensor_of(*direction)})[0], *curvature);
  }
  return value.item<double>();
}

} // namespace lair::learn
