// lair train: a model from recorded traces. What learns is in the library of learned policies.
#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "cli/report.hpp"
#include "core/error.hpp"
#include "policy/neural_module.hpp"
#include "policy/train_kinds.hpp"
#include "record/text_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <sys/file.h>
#include <unistd.h>

namespace lair::cli {

namespace {

namespace fs = std::filesystem;

std::string shown(double x) { return std::isnan(x) ? "-" : fmt::format("{:.4f}", x); }
std::string json_number(double x) { return std::isnan(x) ? "null" : fmt::format("{}", x); }

std::pair<std::string, std::string> option_of(const char* name, const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw InputError(name, "", fmt::format("'{}' is no option", text), "NAME=VALUE");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::vector<std::string> names_in(const std::string& list) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    names.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

const TrainKind& kind_of(const std::string& name) {
  for (const TrainKind& kind : train_kinds())
    if (name == kind.name) return kind;
  throw InputError("train", "", fmt::format("'{}' is no kind of model", name), "lair train --help lists them");
}

TrainOptions defaults_of(const TrainKind& kind) {
  TrainOptions usual;
  usual.window = kind.window;
  usual.epochs = kind.epochs;
  usual.patience = kind.patience;
  usual.batch = kind.batch;
  usual.rate = kind.rate;
  usual.decay = kind.decay;
  usual.curve = kind.curve;
  return usual;
}

/// With the kind's defaults for what was not given; what is another kind's is refused.
TrainOptions completed(TrainOptions o, const TrainKind& kind) {
  const auto given = [&](const char* name) {
    return std::find(o.given.begin(), o.given.end(), name) != o.given.end();
  };
  const TrainOptions usual = defaults_of(kind);
  const auto take = [&](const char* name, auto& value, const auto& otherwise) {
    if (!given(name)) value = otherwise;
  };
  take("--window", o.window, usual.window);
  take("--epochs", o.epochs, usual.epochs);
  take("--patience", o.patience, usual.patience);
  take("--batch", o.batch, usual.batch);
  take("--rate", o.rate, usual.rate);
  take("--decay", o.decay, usual.decay);
  take("--curve", o.curve, usual.curve);
  if (kind.own_options) return o;
  for (const char* name : {"--width", "--depth", "--convolutions", "--spoilt", "--no-generated",
                           "--activation", "--head", "--no-topology"})
    if (given(name)) {
      std::string known;
      for (const TrainOption& option : kind.options)
        known += (known.empty() ? "--option " : ", ") + std::string(option.name);
      throw InputError(name, "", fmt::format("is an option of dragon's network, not of {}'s", kind.name),
                       known.empty() ? "leave it out" : known);
    }
  return o;
}

/// Every option of the kind, with what was given.
std::vector<std::pair<std::string, double>> numbers_of(const TrainOptions& o, const TrainKind& kind) {
  std::vector<std::pair<std::string, double>> all;
  std::string known;
  for (const TrainOption& option : kind.options) {
    all.emplace_back(option.name, option.usual);
    known += (known.empty() ? "" : ", ") + std::string(option.name);
  }
  for (const std::string& text : o.options) {
    const auto [name, value] = option_of("--option", text);
    std::size_t i = 0;
    while (i < all.size() && all[i].first != name) ++i;
    if (i == all.size())
      throw InputError("--option", "", fmt::format("{} has no option '{}'", kind.name, name),
                       known.empty() ? "it has none" : known);
    const TrainOption& option = kind.options[i];
    double number = 0;
    const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (problem != std::errc() || end != value.data() + value.size() ||
        !(number >= option.low && number <= option.high) || (option.whole && number != std::floor(number)))
      throw InputError("--option", name,
                       fmt::format("'{}' is no {}number from {} to {}", value, option.whole ? "whole " : "",
                                   option.low, option.high),
                       option.description);
    all[i].second = number;
  }
  return all;
}

/// As it could be typed, in one form: what does not decide the outcome is left out.
std::string command_of(const TrainOptions& o, const std::string& out) {
  const TrainOptions usual = defaults_of(kind_of(o.what));
  std::string text = "lair train " + o.what;
  for (const auto& trace : o.traces) text += " --trace " + trace;
  if (!o.validate_on.empty()) text += " --validate-on " + o.validate_on;
  text += " --out " + out;
  const auto add = [&](const char* name, const auto& value, const auto& otherwise) {
    if (value != otherwise) text += fmt::format(" {} {}", name, value);
  };
  add("--seed", o.seed, usual.seed);
  add("--window", o.window, usual.window);
  add("--epochs", o.epochs, usual.epochs);
  add("--patience", o.patience, usual.patience);
  add("--batch", o.batch, usual.batch);
  add("--width", o.width, usual.width);
  add("--depth", o.depth, usual.depth);
  add("--convolutions", o.convolutions, usual.convolutions);
  add("--rate", o.rate, usual.rate);
  add("--decay", o.decay, usual.decay);
  add("--spoilt", o.spoilt, usual.spoilt);
  if (o.no_generated) text += " --no-generated";
  add("--curve", o.curve, usual.curve);
  add("--metrics", o.metrics, usual.metrics);
  add("--activation", o.activation, usual.activation);
  add("--head", o.head, usual.head);
  if (o.no_topology) text += " --no-topology";
  for (const auto& option : o.options) text += " --option " + option;
  for (const auto& option : o.detector) text += " --detector " + option;
  return text;
}

TrainRequest request_of(const TrainOptions& o) {
  TrainRequest request;
  request.what = o.what;
  request.options = numbers_of(o, kind_of(o.what));
  request.traces = o.traces;
  request.validate_on = o.validate_on;
  const std::string name = o.out.ends_with(".json") ? o.out.substr(0, o.out.size() - 5) : o.out;
  request.out = name + ".json";
  request.window = o.window;
  request.width = o.width;
  request.depth = o.depth;
  request.convolutions = o.convolutions;
  request.metrics = names_in(o.metrics);
  request.activation = o.activation;
  request.head = o.head;
  request.topology = !o.no_topology;
  request.seed = o.seed;
  request.epochs = o.epochs;
  request.patience = o.patience;
  request.batch = o.batch;
  request.rate = o.rate;
  request.decay = o.decay;
  request.spoilt = o.spoilt;
  request.generated = !o.no_generated;
  request.curve = o.curve;
  for (const auto& option : o.detector) request.detector.push_back(option_of("--detector", option));
  request.command = command_of(o, name);
  request.version = version_number();
  request.resume = o.resume;
  return request;
}

/// Nothing is replaced without a word.
void refuse_to_replace(const TrainOptions& o, const std::string& manifest) {
  if (o.force) return;
  if (const std::string checkpoint = manifest + ".checkpoint"; fs::exists(checkpoint) && !o.resume)
    throw InputError("--out", "", fmt::format("'{}' is of a training that was cut short", checkpoint),
                     "--resume to go on with it, or --force to begin anew");
  if (fs::exists(manifest) && !o.resume)
    throw InputError("--out", "", fmt::format("'{}' is there already", manifest),
                     "another name, or --force to replace it");
}

/// One training at a time for a name: of two the model of one would be lost.
class TrainingLock {
public:
  explicit TrainingLock(const std::string& manifest) : path_(manifest + ".lock") {
    descriptor_ = ::open(path_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    if (descriptor_ < 0 || ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
      return; // where it cannot be made, writing the model says why
    ::close(descriptor_);
    throw InputError("--out", "", fmt::format("another training is writing '{}'", manifest),
                     "another name, or wait until it has ended");
  }
  ~TrainingLock() {
    if (descriptor_ < 0) return;
    ::unlink(path_.c_str());
    ::close(descriptor_);
  }
  TrainingLock(const TrainingLock&) = delete;
  TrainingLock& operator=(const TrainingLock&) = delete;

private:
  std::string path_;
  int descriptor_ = -1;
};

void print_json(const TrainRequest& request, const TrainOutcome& outcome,
                const std::vector<std::string>& epochs, double seconds) {
  fmt::print("{{\"model\": {}, \"hash\": {}, \"samples\": {}, \"validation_samples\": {}, "
             "\"resumed_after\": {}, \"best_epoch\": {}, \"f1\": {}, \"aupr\": {}, \"wall_s\": {:.3f},\n"
             " \"epochs\": [{}]}}\n",
             record::json_quoted(request.out), record::json_quoted(outcome.hash), outcome.samples,
             outcome.validation_samples, outcome.resumed_after, outcome.best, json_number(outcome.f1),
             json_number(outcome.aupr), seconds, fmt::join(epochs, ",\n  "));
}

} // namespace

int train_command(const TrainOptions& asked) {
  const double started = monotonic_seconds();
  const TrainOptions options = completed(asked, kind_of(asked.what));
  const TrainRequest request = request_of(options);
  if (const fs::path folder = fs::path(request.out).parent_path(); !folder.empty()) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw RunError(fmt::format("cannot create '{}': {}", folder.string(), error.message()));
  }
  const TrainingLock lock(request.out);
  refuse_to_replace(options, request.out);

  catch_interrupts();
  std::optional<Progress> progress;
  std::uint32_t of_epoch = 0;
  std::vector<std::string> epochs;
  TrainListener listener;
  listener.batch = [&](std::uint32_t epoch, std::size_t done, std::size_t of) {
    if (epoch != of_epoch) progress.emplace(fmt::format("epoch {} of at most {}", epoch, options.epochs), of);
    of_epoch = epoch;
    progress->show(done);
    return !interrupted();
  };
  listener.epoch = [&](const TrainedEpoch& epoch) {
    progress.reset();
    epochs.push_back(fmt::format("{{\"epoch\": {}, \"loss\": {}, \"validation_loss\": {}, \"f1\": {}, "
                                 "\"aupr\": {}, \"best\": {}}}",
                                 epoch.number, epoch.loss, epoch.validation, json_number(epoch.f1),
                                 json_number(epoch.aupr), epoch.best));
    if (options.json) return;
    fmt::print("epoch {:>3}  loss {:.5f}  validation {:.5f}  F1 {}  AUPR {}{}\n", epoch.number, epoch.loss,
               epoch.validation, shown(epoch.f1), shown(epoch.aupr), epoch.best ? "  *" : "");
    std::fflush(stdout);
  };
  const TrainOutcome outcome = train_model(request, listener);
  progress.reset();
  if (!outcome.completed) {
    std::fprintf(stderr, "lair: interrupted; go on with --resume\n");
    if (options.json) print_json_error(exit_interrupted, {{"", 0, 0, "", "interrupted", "go on with --resume"}});
    return exit_interrupted;
  }
  const double seconds = monotonic_seconds() - started;
  if (options.json)
    print_json(request, outcome, epochs, seconds);
  else
    fmt::print("{}: epoch {} of {} samples ({} for validation), {} s, {}\n", request.out, outcome.best,
               outcome.samples, outcome.validation_samples, fmt::format("{:.1f}", seconds), outcome.hash);
  return exit_ok;
}

} // namespace lair::cli
