// Takes facts into the log: decides their commands as imported history and appends what is new,
// with the ledger that makes a second import of the same rows change nothing.
//
// Ledger: the claim space "import". Each step of a fact is one claim:
//   key      keyed digest of profile ‖ 0x1e ‖ kind ‖ 0x1e ‖ key of the fact ‖ 0x1e ‖ name of the
//            step
//   holder   tag of the entity that the step is about, "order:0198…"
//   payload  keyed digests of what the step says: see ledger_entry.hpp
// It is set in the append that records the step, so an import that was interrupted just goes on.
#pragma once

#include "api/import/fact.hpp"
#include "api/import/pending_model.hpp"
#include "core/es/command_bus.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace factum::importing {

struct CommandSinkOptions {
  std::string profile;   ///< name, part of every reference
  bool dry_run = false;  ///< everything but the append
  std::string actor = "import";
  std::size_t batch_events = 512;  ///< larger = fewer syncs, more memory
  /// Answers of the log that are kept at hand. A dry run needs everything it has decided itself.
  std::size_t kept_events_max = 400'000;
  /// Events a dry run may decide before it gives up; each costs about 2 KiB of memory.
  std::size_t dry_run_events_max = 2'000'000;
  /// Longer lists of the steps of a fact are not kept; what such a fact takes back goes unnoticed.
  /// A claim can hold 16,384 bytes.
  std::size_t step_list_bytes_max = 16'000;
};

/// One append is on its way while the next is being decided. The log must have no other writer:
/// somebody else's event makes the next append fail, and the import end, with nothing half done.
/// Not thread-safe; the parts outlive it.
class CommandSink final : public FactSink {
 public:
  CommandSink(CommandBus& bus, const std::vector<const CommandType*>& commands,
              CommandSinkOptions options);
  /// Waits for the append that is on its way.
  ~CommandSink() override;

  /// Rejects: import.unknown_reference, import.duplicate_key, import.no_entity, import.too_large,
  /// import.not_correctable (a field changed that no event corrects), import.target_changed (what
  /// adds up was booked elsewhere before), import.gone_on (more has happened since to what is
  /// corrected), import.taken_back (steps are gone and nothing is in their place),
  /// import.field_<code> for a body that the command does not accept, and rules that even history
  /// cannot break. Errors: an unknown command; those of the store; limit_exceeded (dry run).
  Result<FactResult> accept(const Fact& fact) override;
  Status finish() override;

 private:
  struct Step {
    const FactStep* step = nullptr;
    Digest ref{};
    std::string content;               ///< digest, 16 bytes
    std::string mark;                  ///< in the list of steps
    std::optional<ClaimRecord> known;  ///< what the ledger holds
    bool anew = false;                 ///< told before, then taken back, told again
    bool late = false;                 ///< new in a fact that was told before
    bool same() const { return known && known->payload.starts_with(content); }
  };

  struct StepList {
    Digest ref{};
    std::optional<ClaimRecord> known;  ///< steps of the fact when it was told last
    std::string now;
    bool changed() const { return known && known->payload != now; }
    bool is_told_again(const Step& step) const;
  };

  Result<std::vector<Step>> look_up(const Fact& fact) const;
  Digest ref_of(std::string_view kind, std::string_view key, std::string_view step) const;
  std::string content_of(const FactStep& step) const;
  Result<std::optional<Uuid>> find_entity(const SourceRef& ref);
  Result<std::string> body_of(const FactStep& step);
  Result<Uuid> target_of(const Fact& fact, const Step& step);
  Status decide(const Fact& fact, const Step& step, AppendRequest& append, FactResult& result);
  Result<std::string> reduce_to_difference(const CommandType& type, const Step& step,
                                           std::unique_ptr<AnyCommand>& command) const;
  static Result<Uuid> corrected_event(const CommandType& type, const Step& step,
                                      const Uuid& target);
  Result<Uuid> new_target(const CommandType& type);
  void take_over(const Step& step, const CommandType& type, PreparedCommand prepared,
                 std::string_view details, AppendRequest& append, FactResult& result);
  Result<StepList> step_list(const Fact& fact, const std::vector<Step>& steps) const;
  static Status check_taken_back(const Fact& fact, const std::vector<Step>& steps,
                                 const StepList& list);
  void remember_list(const std::vector<Step>& steps, const StepList& list, AppendRequest& append);
  Status decide_all(const Fact& fact, const std::vector<Step>& steps, const StepList& list,
                    FactResult& result);
  Status stage(AppendRequest append);
  Status ship();
  Status wait_for_append();

  CommandBus& bus_;
  CommandSinkOptions options_;
  std::unordered_map<std::string_view, const CommandType*> commands_;
  PendingModel model_;
  Uuid correlation_;
  Position shipped_;                        ///< the last position that was sent off
  std::unordered_set<std::uint64_t> seen_;  ///< own references of the facts of this run
  std::unordered_map<std::string, Uuid> entities_;
  AppendRequest batch_;
  bool in_flight_ = false;
  std::mutex mutex_;
  std::condition_variable appended_;
  std::optional<Result<AppendResult>> outcome_;  // guarded by mutex_
};

}  // namespace factum::importing
