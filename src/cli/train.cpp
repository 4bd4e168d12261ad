// lair train: a model from recorded traces. What learns is in the library of learned policies.
#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "cli/report.hpp"
#include "core/error.hpp"
#include "policy/neural_module.hpp"
#include "record/text_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cerrno>
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

std::pair<std::string, std::string> option_of(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw InputError("--detector", "", fmt::format("'{}' is no option", text), "NAME=VALUE");
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

/// As it could be typed, in one form: what does not decide the outcome is left out.
std::string command_of(const TrainOptions& o, const std::string& out) {
  const TrainOptions usual;
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
  for (const auto& option : o.detector) text += " --detector " + option;
  return text;
}

TrainRequest request_of(const TrainOptions& o) {
  TrainRequest request;
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
  for (const auto& option : o.detector) request.detector.push_back(option_of(option));
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

int train_command(const TrainOptions& options) {
  const double started = monotonic_seconds();
  const TrainRequest request = request_of(options);
  if (const fs::path folder = fs::path(request.out).parent_path(); !folder.empty()) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw RunError(fmt::format("cannot create '{}': {}", folder.string(), error.message()));
  }
  const TrainingLock lock(request.out);
  refuse_to_replace(options, request.out);
  const NeuralModule& module = open_neural_module();

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
  const TrainOutcome outcome = module.train_dragon(request, listener);
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
