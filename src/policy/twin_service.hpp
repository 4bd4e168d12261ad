/// The twin as policies borrow it: what stands behind the C services, and those services.
#pragma once

#include <lair/policy.hpp>

namespace lair {

/// A twin that can take over any observation. One call of a role at a time may use it.
class TwinService {
public:
  virtual ~TwinService() = default;
  /// What is left of the interval under `actions`; loads the observation. `out.states` stays valid
  /// until the next call.
  virtual bool forecast(const lair_observation& observation, Actions actions,
                        lair_forecast& out) = 0;
  /// A role's call begins: what next() gave before is gone.
  virtual void begin() = 0;
  virtual void take(const lair_observation& observation) = 0; ///< no base decision yet
  virtual bool gave(const lair_observation* observation) const = 0; ///< by next(), since begin()

  // Of the observation taken last. False, or null: not without a base, not with an open change, or
  // the other way round.
  virtual bool base(Actions actions, lair_forecast& out) = 0;
  virtual bool try_move(std::uint64_t task, std::uint32_t host, lair_forecast& out,
                        lair_touched* touched) = 0;
  virtual bool close(bool accept) = 0;
  virtual const lair_observation* next() = 0;
};

/// Lends a TwinService to one policy object: only during its calls, only for what it was shown.
class TwinDesk {
public:
  explicit TwinDesk(TwinService* service) : service_(service) {}
  TwinDesk(const TwinDesk&) = delete;
  TwinDesk& operator=(const TwinDesk&) = delete;

  /// Fills in what needs no context of its owner; `twin` and `forecast`, which do, are left to it.
  static void lend(lair_services& services);

  /// Open for the length of one call of a role.
  class Call {
  public:
    Call(TwinDesk& desk, const lair_observation& seen) : desk_(desk) {
      desk_.seen_ = &seen;
      desk_.loaded_ = false;
      if (desk_.service_ != nullptr) desk_.service_->begin();
    }
    ~Call() { desk_.seen_ = nullptr; }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

  private:
    TwinDesk& desk_;
  };

  lair_twin* open(const lair_observation* observation);
  int forecast(const lair_action* actions, std::uint32_t count, lair_forecast* out);

private:
  static TwinDesk& of(lair_twin* twin) { return *reinterpret_cast<TwinDesk*>(twin); }
  bool ready() const { return seen_ != nullptr && loaded_; }

  TwinService* service_; ///< may be null
  const lair_observation* seen_ = nullptr; ///< during a call
  bool loaded_ = false;
};

} // namespace lair
