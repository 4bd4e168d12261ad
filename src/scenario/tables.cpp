#include "scenario/tables.hpp"

#include <limits>

namespace lair {

namespace {

constexpr double day = 86400;
constexpr double infinite = std::numeric_limits<double>::infinity();

/// A time of faults that may be given in intervals and is kept in seconds.
template <class Owner, class At>
Field<Owner> time_or_intervals(std::string key, At at, Range range, std::string doc) {
  auto field = quantity<Owner>(std::move(key), at, Unit::seconds, range, std::move(doc));
  field.unit = "time or intervals";
  field.shape.intervals = true;
  field.read = [at, range](Context& context, const Node& node, const std::string& path,
                           Owner& owner) {
    double value = 0;
    bool intervals = false;
    if (read_quantity_node(context, node, path, Unit::seconds, range, {}, value, &intervals))
      at(owner) = Seconds(intervals ? value * context.interval : value);
  };
  return field;
}

/// An end of the range of attack lengths: kept in intervals if it was given so, since the default
/// follows the length of the interval.
template <class Relative, class Absolute>
Field<FaultModel> attack_length(std::string key, Relative relative, Absolute absolute,
                                std::string doc) {
  const Range range = positive(3650 * day);
  return {std::move(key), "time or intervals", describe_range(range, Unit::seconds), std::move(doc),
          false,
          [relative, absolute, range](Context& context, const Node& node, const std::string& path,
                                      FaultModel& model) {
            double value = 0;
            bool intervals = false;
            if (!read_quantity_node(context, node, path, Unit::seconds, range, {}, value,
                                    &intervals))
              return;
            if (intervals) {
              relative(model) = value;
              absolute(model).reset();
            } else {
              absolute(model) = Seconds(value);
            }
          },
          [relative, absolute](const FaultModel& model) {
            return absolute(model) ? quote(write_quantity(absolute(model)->value, Unit::seconds))
                                   : quote(fmt::format("{} intervals", relative(model)));
          },
          {Shape::Kind::quantity, Unit::seconds, range, {}, true}};
}

Field<HostSpec> power_field() {
  Field<HostSpec> field{"power", "power", "11 numbers from 0 W to 100000 W",
                        "W at 0, 10, ..., 100 % CPU: eleven numbers and the unit", true, {}, {},
                        {Shape::Kind::power, Unit::watts, {0, 1e5}}};
  field.read = [](Context& context, const Node& node, const std::string& path, HostSpec& spec) {
    std::string list;
    PowerCurve curve = spec.power;
    const auto wrong = [&](const std::string& problem) {
      context.error(node.place, path, problem,
                    "a string of eleven numbers and a unit, such as "
                    "\"2.45 2.78 2.9 3.03 3.65 3.66 3.69 3.71 3.72 4.14 4.75 W\"");
    };
    if (!node.is_text()) return wrong(fmt::format("{} is not a string", describe(node.kind)));
    std::vector<std::string> words;
    for (const char c : node.text + ' ')
      if (c == ' ') {
        if (!list.empty()) words.push_back(std::exchange(list, {}));
      } else {
        list += c;
      }
    if (words.size() != 12)
      return wrong(fmt::format("{} words instead of eleven numbers and a unit", words.size()));
    for (std::size_t i = 0; i < 11; ++i) {
      const auto read = read_quantity(words[i] + ' ' + words[11], Unit::watts);
      if (!read.problem.empty()) return wrong(read.problem);
      if (read.value < 0 || read.value > 1e5)
        return wrong(fmt::format("'{} {}' is out of range", words[i], words[11]));
      curve.watts[i] = read.value;
    }
    spec.power = curve;
  };
  field.write = [](const HostSpec& spec) {
    std::string all;
    for (const double watts : spec.power.watts) all += fmt::format("{} ", watts);
    return quote(all + "W");
  };
  return field;
}

} // namespace

const Fields<Scenario>& scenario_fields() {
  using S = Scenario;
  static const Fields<S> fields{
      name<S>("name", [](auto& s) -> auto& { return s.name; },
              "of the scenario; by default the file's name"),
      integer<S>("seed", [](auto& s) -> auto& { return s.seed; },
                 {0, static_cast<double>(largest_seed)},
                 "master seed of all random streams"),
      quantity<S>("interval", [](auto& s) -> auto& { return s.interval; }, Unit::seconds,
                  at_least(1, 7 * day), "length of a scheduling interval"),
      integer<S>("intervals", [](auto& s) -> auto& { return s.intervals; }, {1, 1e6},
                 "how many intervals the run lasts"),
      quantity<S>("sampling", [](auto& s) -> auto& { return s.sampling; }, Unit::seconds,
                  at_least(0.1, 7 * day),
                  "period of metrics and labels; a whole number of them make an interval"),
      integer<S>("window", [](auto& s) -> auto& { return s.window; }, {1, 1000},
                 "states (intervals) in the window a broker sees"),
  };
  return fields;
}

const Fields<FaultModel>& fault_fields() {
  using F = FaultModel;
  static const Fields<F> fields{
      quantity<F>("rate", [](auto& f) -> auto& { return f.rate; }, Unit::none, at_least(0, 1e6),
                  "faults per interval in the whole federation (Poisson mean); 0 = none"),
      attack_length("min_length", [](auto& f) -> auto& { return f.min_intervals; },
                    [](auto& f) -> auto& { return f.min_length; },
                    "shortest fault, crashes apart (uniform between the two)"),
      attack_length("max_length", [](auto& f) -> auto& { return f.max_intervals; },
                    [](auto& f) -> auto& { return f.max_length; }, "longest fault, crashes apart"),
      quantity<F>("min_reboot", [](auto& f) -> auto& { return f.min_reboot; }, Unit::seconds,
                  positive(365 * day), "a crash: shortest time the host is off"),
      quantity<F>("max_reboot", [](auto& f) -> auto& { return f.max_reboot; }, Unit::seconds,
                  positive(365 * day), "a crash: longest time the host is off"),
      quantity<F>("strength", [](auto& f) -> auto& { return f.strength; }, Unit::none,
                  positive(1000), "of drawn faults, relative to the effects below"),
      time_or_intervals<F>("onset", [](auto& f) -> auto& { return f.onset; },
                           at_least(0, 365 * day), "the strength ramps up over this time"),
      integer<F>("onset_steps", [](auto& f) -> auto& { return f.onset_steps; }, {1, 1000},
                 "steps of that ramp"),
  };
  return fields;
}

const Fields<FaultModel>& fault_share_fields() {
  static const Fields<FaultModel> fields = [] {
    Fields<FaultModel> all;
    for (std::size_t i = 0; i < fault_kind_count; ++i)
      all.push_back(quantity<FaultModel>(
          std::string(to_string(static_cast<FaultKind>(i))),
          [i](auto& f) -> auto& { return f.shares[i]; }, Unit::none, at_least(0, 1e6),
          "share of drawn faults, relative to the other kinds"));
    return all;
  }();
  return fields;
}

const std::vector<EffectSection>& effect_sections() {
  using F = FaultModel;
  static const std::vector<EffectSection> sections{
      {"cpu_overload",
       {quantity<F>("threads", [](auto& f) -> auto& { return f.effects.cpu_threads; }, Unit::none,
                    positive(1e6), "busy threads")}},
      {"ram_contention",
       {quantity<F>("share", [](auto& f) -> auto& { return f.effects.ram_share; }, Unit::none,
                    positive(10), "share of the host's RAM it occupies"),
        quantity<F>("threads", [](auto& f) -> auto& { return f.effects.ram_threads; }, Unit::none,
                    at_least(0, 1e6), "threads that touch it")}},
      {"disk_attack",
       {quantity<F>("streams", [](auto& f) -> auto& { return f.effects.disk_streams; }, Unit::none,
                    positive(1e6), "streams, each with one read and one write outstanding")}},
      {"ddos",
       {quantity<F>("flows", [](auto& f) -> auto& { return f.effects.ddos_flows; }, Unit::none,
                    positive(1e6), "flows into the host's NIC"),
        quantity<F>("threads", [](auto& f) -> auto& { return f.effects.ddos_threads; }, Unit::none,
                    at_least(0, 1e6), "threads of request handling"),
        quantity<F>("backlog", [](auto& f) -> auto& { return f.effects.ddos_backlog; }, Unit::none,
                    at_least(0, 1e9), "requests queued before the host's daemon"),
        quantity<F>("request", [](auto& f) -> auto& { return f.effects.ddos_request; },
                    Unit::seconds, positive(day), "CPU time of one request")}},
      {"link_loss",
       {quantity<F>("lost_share", [](auto& f) -> auto& { return f.effects.link_loss_share; },
                    Unit::none, {0, 1, true}, "share of the bandwidth lost; 1 cuts the link")}},
  };
  return sections;
}

const Fields<ScriptDraft>& script_fields() {
  using D = ScriptDraft;
  static const Fields<D> fields = [] {
    std::vector<std::string> kinds;
    for (std::size_t i = 0; i < fault_kind_count; ++i)
      kinds.emplace_back(to_string(static_cast<FaultKind>(i)));
    return Fields<D>{
        required(choice<D>("kind", [](auto& d) -> auto& { return d.fault.kind; }, kinds,
                           "what happens")),
        required(time_or_intervals<D>("start", [](auto& d) -> auto& { return d.fault.start; },
                                      at_least(0, 36500 * day), "since the run began")),
        required(time_or_intervals<D>("length", [](auto& d) -> auto& { return d.fault.length; },
                                      positive(36500 * day), "a crash: time the host is off")),
        quantity<D>("strength", [](auto& d) -> auto& { return d.fault.strength; }, Unit::none,
                    positive(1000), "relative to the effects of its kind"),
        text<D>("host", [](auto& d) -> auto& { return d.host; },
                "name of the host it strikes; for link_loss the host whose LAN link it is"),
        text<D>("lei", [](auto& d) -> auto& { return d.lei; },
                "name of the LEI of a partition, or of link_loss on a WAN link"),
    };
  }();
  return fields;
}

const Fields<LivenessModel>& liveness_fields() {
  using L = LivenessModel;
  static const Fields<L> fields{
      quantity<L>("probe_period", [](auto& l) -> auto& { return l.probe_period; }, Unit::seconds,
                  at_least(0.1, day), "between two probes of a host"),
      integer<L>("probes", [](auto& l) -> auto& { return l.probes; }, {1, 1000},
                 "missed in a row before a host counts as failed"),
      quantity<L>("probe_deadline", [](auto& l) -> auto& { return l.probe_deadline; },
                  Unit::seconds, positive(day), "a later reply is a missed probe"),
      quantity<L>("probe_cpu", [](auto& l) -> auto& { return l.probe_cpu; }, Unit::seconds,
                  at_least(0, day), "CPU time of a reply, one thread"),
      quantity<L>("probe_memory", [](auto& l) -> auto& { return l.probe_memory; }, Unit::bytes,
                  at_least(0, 1e12), "touched by a reply; swapped parts are read back first"),
      quantity<L>("probe_bytes", [](auto& l) -> auto& { return l.probe_bytes; }, Unit::bytes,
                  at_least(0, 1e12), "on the wire, request and reply together"),
      integer<L>("all_peers_up_to", [](auto& l) -> auto& { return l.all_peers_up_to; }, {0, 1e6},
                 "LEIs up to which every broker watches every other"),
      integer<L>("nearest_peers", [](auto& l) -> auto& { return l.nearest_peers; }, {2, 1e6},
                 "peers watched above that, an even number: half on either side of a ring of LEIs"),
  };
  return fields;
}

const Fields<ExchangeModel>& exchange_fields() {
  using E = ExchangeModel;
  static const Fields<E> fields{
      quantity<E>("deadline", [](auto& e) -> auto& { return e.deadline; }, Unit::seconds,
                  positive(7 * day), "after it missing peers count with their last report"),
      quantity<E>("header", [](auto& e) -> auto& { return e.header; }, Unit::bytes,
                  at_least(0, 1e9), "bytes of a report beside its numbers"),
      quantity<E>("bytes_per_number", [](auto& e) -> auto& { return e.bytes_per_number; },
                  Unit::none, positive(1e6), "bytes of one number in a report"),
  };
  return fields;
}

const Fields<MigrationModel>& migration_fields() {
  using M = MigrationModel;
  static const Fields<M> fields{
      integer<M>("max_restarts", [](auto& m) -> auto& { return m.max_restarts; }, {0, 1e6},
                 "restarts after which a task counts as failed"),
  };
  return fields;
}

const Fields<OverheadModel>& overhead_fields() {
  using O = OverheadModel;
  static const Fields<O> fields{
      choice<O>("mode", [](auto& o) -> auto& { return o.mode; },
                {"none", "modelled", "paper", "measured"},
                "what a policy costs its broker: nothing, what is counted, the DRAGON paper's "
                "memory, or the CPU time its calls take on this machine"),
      quantity<O>("memory", [](auto& o) -> auto& { return o.memory; }, Unit::bytes,
                  at_least(0, 1e15), "resident on every broker", Special{"policy", -1}),
      quantity<O>("decision", [](auto& o) -> auto& { return o.decision; }, Unit::flops,
                  at_least(0, 1e18), "operations of one interval's decision",
                  Special{"policy", -1}),
      quantity<O>("machine_speed", [](auto& o) -> auto& { return o.machine_speed; },
                  Unit::flops_per_second, at_least(1e3, 1e18),
                  "measured: of one core of the machine that runs lair, as core_speed is of a host's"),
  };
  return fields;
}

const Fields<PolicyConfig>& policy_fields() {
  using P = PolicyConfig;
  static const Fields<P> fields{
      text<P>("name", [](auto& p) -> auto& { return p.name; },
              "a policy of `lair list policies`, or the path of a shared library"),
      text<P>("scheduler", [](auto& p) -> auto& { return p.scheduler; },
              "another scheduler than the policy's own; \"\" = its own"),
      text<P>("detector", [](auto& p) -> auto& { return p.detector; },
              "another detector than the policy's own; \"\" = its own"),
      text<P>("remediator", [](auto& p) -> auto& { return p.remediator; },
              "another remediator than the policy's own; \"\" = its own"),
  };
  return fields;
}

const Fields<RecordModel>& record_fields() {
  using R = RecordModel;
  static const Fields<R> fields{
      choice<R>("level", [](auto& r) -> auto& { return r.level; }, {"summary", "tasks", "events"},
                "what is written: summary and intervals; tasks too; events.jsonl too"),
      boolean<R>("samples", [](auto& r) -> auto& { return r.samples; },
                 "every sample of every host in samples.csv"),
  };
  return fields;
}

const Fields<PlatformDraft>& platform_fields() {
  using P = PlatformDraft;
  static const Fields<P> fields{
      name<P>("name", [](auto& p) -> auto& { return p.federation.name; },
              "of the platform; by default the file's name"),
      boolean<P>("broker_runs_tasks",
                 [](auto& p) -> auto& { return p.federation.broker_runs_tasks; },
                 "whether brokers also run tasks"),
      quantity<P>("wan_latency", [](auto& p) -> auto& { return p.defaults.wan_latency; },
                  Unit::seconds, at_least(0, 3600), "of LEIs that state none of their own"),
      quantity<P>("wan_bandwidth", [](auto& p) -> auto& { return p.defaults.wan_bandwidth; },
                  Unit::bytes_per_second, at_least(1, 1e15),
                  "of LEIs that state none of their own"),
  };
  return fields;
}

const Fields<HostSpec>& kind_fields() {
  using H = HostSpec;
  static const Fields<H> fields{
      integer<H>("cores", [](auto& h) -> auto& { return h.cores; }, {1, 4096}, "cores"),
      quantity<H>("core_speed", [](auto& h) -> auto& { return h.core_speed; },
                  Unit::flops_per_second, at_least(1e3, 1e18),
                  "of one core, effective for inference"),
      required(quantity<H>("ram", [](auto& h) -> auto& { return h.ram; }, Unit::bytes,
                           positive(1e15), "memory")),
      quantity<H>("swap", [](auto& h) -> auto& { return h.swap; }, Unit::bytes, at_least(0, 1e15),
                  "swap space on the card"),
      quantity<H>("ram_system", [](auto& h) -> auto& { return h.ram_system; }, Unit::bytes,
                  at_least(0, 1e15), "memory of the base system"),
      quantity<H>("disk_read", [](auto& h) -> auto& { return h.disk.read; }, Unit::bytes_per_second,
                  at_least(1, 1e15), "card, sequential read"),
      quantity<H>("disk_write", [](auto& h) -> auto& { return h.disk.write; },
                  Unit::bytes_per_second, at_least(1, 1e15), "card, sequential write"),
      quantity<H>("disk_random_read", [](auto& h) -> auto& { return h.disk.random_read; },
                  Unit::bytes_per_second, at_least(1, 1e15), "card, random read (swapping in)"),
      quantity<H>("disk_random_write", [](auto& h) -> auto& { return h.disk.random_write; },
                  Unit::bytes_per_second, at_least(1, 1e15), "card, random write (swapping out)"),
      quantity<H>("nic", [](auto& h) -> auto& { return h.nic; }, Unit::bytes_per_second,
                  at_least(1, 1e15), "LAN link of the host"),
      quantity<H>("lan_latency", [](auto& h) -> auto& { return h.lan_latency; }, Unit::seconds,
                  at_least(0, 3600), "one way, host to gateway"),
      power_field(),
      quantity<H>("off", [](auto& h) -> auto& { return h.power.off; }, Unit::watts,
                  at_least(0, 1e5), "power while off"),
  };
  return fields;
}

const Fields<LeiDescription>& lei_fields() {
  using L = LeiDescription;
  static const Fields<L> fields{
      name<L>("name", [](auto& l) -> auto& { return l.name; }, "by default lei1, lei2, ..."),
      quantity<L>("wan_latency", [](auto& l) -> auto& { return l.wan_latency; }, Unit::seconds,
                  at_least(0, 3600), "one way from the gateway into the WAN; a pair's is the sum"),
      quantity<L>("wan_bandwidth", [](auto& l) -> auto& { return l.wan_bandwidth; },
                  Unit::bytes_per_second, at_least(1, 1e15), "of the LEI's WAN link"),
      quantity<L>("weight", [](auto& l) -> auto& { return l.weight; }, Unit::none, at_least(0, 1e9),
                  "weight of its arrivals; 0 = its number of hosts"),
  };
  return fields;
}

const Fields<HostGroup>& group_fields() {
  using G = HostGroup;
  static const Fields<G> fields{
      required(text<G>("kind", [](auto& g) -> auto& { return g.kind; }, "one of the kinds")),
      integer<G>("count", [](auto& g) -> auto& { return g.count; }, {1, 200000}, "how many hosts"),
  };
  return fields;
}

const Fields<Workload>& workload_fields() {
  using W = Workload;
  static const Fields<W> fields{
      name<W>("name", [](auto& w) -> auto& { return w.name; },
              "of the workload; by default the file's name"),
      choice<W>("arrivals", [](auto& w) -> auto& { return w.arrivals; }, {"bag", "continuous"},
                "all of an interval's tasks at its start, or spread over time"),
      quantity<W>("rate", [](auto& w) -> auto& { return w.rate; }, Unit::none, at_least(0, 1e7),
                  "tasks per interval in the whole federation (Poisson mean)"),
      boolean<W>("uniform_over_leis", [](auto& w) -> auto& { return w.uniform_over_leis; },
                 "every LEI the same weight, not by its number of hosts"),
      quantity<W>("image_size", [](auto& w) -> auto& { return w.image_size; }, Unit::bytes,
                  at_least(0, 1e15), "container image on the card, one for all applications"),
      quantity<W>("image_transfer", [](auto& w) -> auto& { return w.image_transfer; }, Unit::bytes,
                  at_least(0, 1e15), "the same compressed, on the wire"),
  };
  return fields;
}

const Fields<Application>& application_fields() {
  using A = Application;
  static const Fields<A> fields{
      quantity<A>("weight", [](auto& a) -> auto& { return a.weight; }, Unit::none, at_least(0, 1e9),
                  "share of arrivals, relative to the other applications"),
      required(quantity<A>("images", [](auto& a) -> auto& { return a.images; }, Unit::none,
                           at_least(1, 1e12), "inferences in one task")),
      required(quantity<A>("macs_per_image", [](auto& a) -> auto& { return a.macs_per_image; },
                           Unit::macs, positive(1e18), "multiply-accumulates of one inference")),
      quantity<A>("efficiency", [](auto& a) -> auto& { return a.efficiency; }, Unit::none,
                  {0, 100, true}, "share of the host's effective speed it reaches"),
      quantity<A>("bytes_per_image", [](auto& a) -> auto& { return a.bytes_per_image; },
                  Unit::bytes, at_least(0, 1e12), "read from the card for each inference"),
      required(quantity<A>("weights", [](auto& a) -> auto& { return a.weights; }, Unit::bytes,
                           at_least(0, 1e15), "bytes of the network's parameters")),
      required(quantity<A>("activations", [](auto& a) -> auto& { return a.activations; },
                           Unit::bytes, at_least(0, 1e15),
                           "most bytes of feature maps alive at once in one inference")),
      required(quantity<A>("resident", [](auto& a) -> auto& { return a.resident; }, Unit::bytes,
                           positive(1e15), "resident set of the container")),
      quantity<A>("input", [](auto& a) -> auto& { return a.input; }, Unit::bytes,
                  at_least(0, 1e15), "sent from the gateway to the host at the start"),
      quantity<A>("result", [](auto& a) -> auto& { return a.result; }, Unit::bytes,
                  at_least(0, 1e15), "sent back at the end"),
      integer<A>("threads", [](auto& a) -> auto& { return a.threads; }, {1, 4096},
                 "threads of the container"),
      quantity<A>("deadline", [](auto& a) -> auto& { return a.deadline; }, Unit::seconds,
                  positive(3650 * day), "SLO, from arrival to result", Special{"none", infinite}),
  };
  return fields;
}

std::vector<std::string> key_paths() {
  std::vector<std::string> all;
  const auto add = [&all](const std::string& table, const auto& fields) {
    for (const auto& field : fields) all.push_back(join_path(table, field.key));
  };
  add("", scenario_fields());
  add("faults", fault_fields());
  add("faults.shares", fault_share_fields());
  for (const auto& section : effect_sections()) add("faults." + section.key, section.fields);
  add("liveness", liveness_fields());
  add("exchange", exchange_fields());
  add("migration", migration_fields());
  add("overhead", overhead_fields());
  add("policy", policy_fields());
  add("record", record_fields());
  add("platform", platform_fields());
  add("workload", workload_fields());
  return all;
}

} // namespace lair
