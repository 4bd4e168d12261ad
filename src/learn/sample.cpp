#include "learn/sample.hpp"

namespace lair::learn {
namespace {

template <class T>
void copy_rows(std::vector<T>& to, const std::vector<T>& from, std::size_t first, std::size_t rows,
               std::size_t width) {
  to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(first * width),
            from.begin() + static_cast<std::ptrdiff_t>((first + rows) * width));
}

std::uint32_t shifted(std::uint32_t index, std::uint32_t by) {
  return index == nowhere ? nowhere : index + by;
}

} // namespace

Sample pack(const std::vector<const Sample*>& samples) {
  Sample all;
  std::uint32_t hosts = 0;
  for (const Sample* one : samples) hosts += one->hosts;
  for (const bool of_tasks : {false, true}) {
    std::uint32_t first_group = 0, first_host = 0;
    for (const Sample* one : samples) {
      const std::size_t first = of_tasks ? one->hosts : 0;
      const std::size_t count = of_tasks ? one->tasks : one->hosts;
      if (one->rows() > 0) {
        copy_rows(all.window, one->window, first, count, one->window.size() / one->rows());
        copy_rows(all.present, one->present, first, count, one->present.size() / one->rows());
      }
      copy_rows(all.keys, one->keys, first, count, 1);
      for (std::size_t i = first; i < first + count; ++i)
        all.row_group.push_back(one->row_group[i] + first_group);
      if (of_tasks)
        for (const std::uint32_t host : one->host_of_task)
          all.host_of_task.push_back(shifted(host, first_host));
      first_group += one->groups;
      first_host += one->hosts;
    }
  }
  for (const Sample* one : samples) {
    all.node_inputs.insert(all.node_inputs.end(), one->node_inputs.begin(), one->node_inputs.end());
    for (const std::uint32_t hub : one->hub) all.hub.push_back(shifted(hub, all.nodes));
    for (const std::uint32_t group : one->node_group) all.node_group.push_back(group + all.groups);
    for (const std::uint32_t node : one->node_of_host)
      all.node_of_host.push_back(shifted(node, all.nodes));
    all.nodes += one->nodes;
    all.groups += one->groups;
    all.hosts += one->hosts;
    all.tasks += one->tasks;
  }
  return all;
}

std::vector<std::vector<std::uint32_t>> packed_rows(const std::vector<const Sample*>& samples) {
  std::vector<std::vector<std::uint32_t>> rows(samples.size());
  std::uint32_t at = 0;
  for (std::size_t s = 0; s < samples.size(); ++s)
    for (std::uint32_t i = 0; i < samples[s]->hosts; ++i) rows[s].push_back(at++);
  for (std::size_t s = 0; s < samples.size(); ++s)
    for (std::uint32_t i = 0; i < samples[s]->tasks; ++i) rows[s].push_back(at++);
  return rows;
}

} // namespace lair::learn
